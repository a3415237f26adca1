// options: -Wall
void main(void) { } //~ main
