import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dashboardConfig } from './config.ts';

describe('the configuration', () => {
  it('has defaults', () => {
    assert.deepEqual(dashboardConfig({}), { api: 'http://127.0.0.1:4319', hosts: [] });
  });

  it('takes the API without its last slash, and host names in any case', () => {
    const env = { VITRINE_API: 'http://10.0.0.1:9/', VITRINE_HOSTS: ' Audit.example, ,b:8443' };
    assert.deepEqual(dashboardConfig(env), {
      api: 'http://10.0.0.1:9',
      hosts: ['audit.example', 'b:8443'],
    });
  });
});
