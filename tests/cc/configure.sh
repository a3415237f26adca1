# What configure scripts ask of $CC: run with gcc and with cpc, the output is the same.
echo 'int main(void) { return 0; }' > conftest.c
$CC -o conftest conftest.c && ./conftest && echo works
for question in --version -v; do $CC $question > /dev/null 2>&1 && echo $question; done
for question in -V -qversion -nonsense; do $CC $question > /dev/null 2>&1 || echo no $question; done
printf '#ifndef __GNUC__\nchoke me\n#endif\nint x;\n' > conftest.c
$CC -c conftest.c && echo gnu
echo 'int main(void) { undeclared(; }' > conftest.c
$CC -c conftest.c 2> /dev/null || echo rejects nonsense
echo '#include <ac_nonexistent.h>' > conftest.c
$CC -E conftest.c > /dev/null 2>&1 || echo rejects a header
echo '#include <limits.h>' > conftest.c
$CC -E conftest.c > /dev/null 2> conftest.err && test ! -s conftest.err && echo preprocesses
printf 'char no_function();\nint main(void) { return no_function(); }\n' > conftest.c
$CC -o conftest conftest.c 2> /dev/null || echo no function
printf 'char cos();\nint main(void) { return cos(); }\n' > conftest.c
$CC -o conftest conftest.c -lm 2> /dev/null && echo libm
for size in 4 8; do
    echo "int main(void) { static int a[1 - 2 * !(sizeof(long) == $size)]; a[0] = 0; return a[0]; }" > conftest.c
    $CC -c conftest.c 2> /dev/null && echo long has $size bytes
done
$CC -print-prog-name=ld
$CC -print-search-dirs | grep -c libraries
for question in -print-file-name=libc.so -print-libgcc-file-name -print-multi-os-directory -dumpmachine -print-multiarch \
    -dumpversion -dumpfullversion; do $CC $question; done
echo 'int x;' > conftest.c
$CC -c -Werror -Wnot-an-option conftest.c > /dev/null 2>&1 || echo unknown warning
$CC -c -Werror -Wall -Wextra -Wno-nonsense -Wlogical-op conftest.c && echo known warnings
mkdir out
$CC -fPIC -c conftest.c -o out/conftest2.o && test -f out/conftest2.o && echo -c -o
echo 'int f(void) { return 1; }' > f.c
$CC -shared -fPIC -Wl,-soname -Wl,libf.so.1 f.c -o libf.so && readelf -d libf.so | grep -o 'soname: .*'
$CC -shared -fPIC -Xlinker -soname -Xlinker libf.so.2 f.c -o libf.so && readelf -d libf.so | grep -o 'soname: .*'
echo 'int x;' | $CC -E -x c - | tail -1
echo 'int x;' | $CC -E - | tail -1
echo '#define Q 1' | $CC -E -dM - | grep 'Q 1'
echo 'int x;' | $CC -c -o x.o - 2> /dev/null || echo language of standard input
echo "-DFOO=\"a b\" '-DBAR=1' @r2" > r1
echo "-DBAZ" > r2
printf 'int a = BAR;\n#ifndef BAZ\n#error\n#endif\nint FOO;' > c.c
$CC -E -P @r1 c.c
$CC -m64 -pipe -O2 -g3 -std=gnu99 -fno-strict-aliasing -fstack-protector-strong -fno-common -D_FORTIFY_SOURCE=2 -Wformat \
    -Werror=format-security -fdiagnostics-color=auto -fno-plt -fcf-protection -c f.c && echo flags of packages
$CC -r f.c -o r.o -nostdlib && readelf -h r.o | grep -c REL
printf '.globl _start\n_start: mov $60,%%eax\nxor %%edi,%%edi\nsyscall\n.section .note.GNU-stack\n' > s.s
$CC -nostdlib -static s.s -o s && ./s && echo freestanding
$CC -fsyntax-only f.c && echo checks
