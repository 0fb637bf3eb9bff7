# The smallest CGI program on x86-64: writes a reply, exits.
	.intel_syntax noprefix
	.global _start
_start:
	mov	eax, 1
	mov	edi, 1
	lea	rsi, [rip + reply]
	mov	edx, offset length
	syscall
	mov	eax, 231
	xor	edi, edi
	syscall
reply:
	.ascii	"Content-Type: text/plain\r\n\r\nhello\n"
	.set	length, . - reply
	.section .note.GNU-stack, "", @progbits
