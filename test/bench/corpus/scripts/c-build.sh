printf '#include <stdio.h>\nint add(int a,int b){return a+b;}\n' > add.c
cat > main.c <<'END'
#include <stdio.h>
int add(int, int);
int main(void) {
  printf("%d\n", add(1, 2));
  return 0;
}
END
printf 'prog: main.o add.o\n\t$(CC) -o $@ $^\nclean:\n\trm -f *.o prog\n' > Makefile
make -s && ./prog
make -s clean
make -s CFLAGS=-O2
ar rcs lib.a add.o
gcc -shared -fPIC -o lib.so add.c
nm lib.a | head -2
strip prog
make -s clean
