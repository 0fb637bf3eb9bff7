@ The smallest CGI program on ARM: writes a reply, exits.
	.arch	armv5te
	.global	_start
_start:
	mov	r0, #1
	adr	r1, reply
	mov	r2, #length
	mov	r7, #4
	swi	0
	mov	r0, #0
	mov	r7, #248
	swi	0
reply:
	.ascii	"Content-Type: text/plain\r\n\r\nhello\n"
	.set	length, . - reply
	.section .note.GNU-stack, "", %progbits
