	.file	"b1.c"
	.text
	.globl	f
	.p2align	4
	.type	f,@function
f:
	.cfi_startproc
	pushq	%rbp
	.cfi_def_cfa_offset 16
	.cfi_offset %rbp, -16
	movq	%rsp, %rbp
	.cfi_def_cfa_register %rbp
	subq	$48, %rsp
	movq	%rdi, -8(%rbp)
	movl	%esi, -12(%rbp)
	movq	%rdx, -24(%rbp)
	movq	%rcx, -32(%rbp)
	movq	%r8, -40(%rbp)
	movq	-40(%rbp), %rdx
	movl	$1, %edi
	leaq	.L.str.0(%rip), %rsi
	callq	__vprintf_chk@PLT
	addq	$48, %rsp
	popq	%rbp
	.cfi_def_cfa %rsp, 8
	retq
.Lfunc_end0:
	.size	f, .Lfunc_end0-f
	.cfi_endproc

	.type	.L.str.0,@object
	.section	.rodata.str1.1,"aMS",@progbits,1
.L.str.0:
	.asciz	"line\n"
	.size	.L.str.0, 6

	.ident	"cpc"
	.section	".note.GNU-stack","",@progbits
