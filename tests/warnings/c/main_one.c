// options: -Wall
int main(int n) { return n; } //~ main
