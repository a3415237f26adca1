/* Jumps without a target, labels twice, cases that are not constant. */
void f(int i)
{
    break; //~ E0270: 'break' outside of a loop
    continue; //~ E0270: 'continue' outside of a loop
    switch (i) { //~ E0271: duplicate case value 1
    case 1:
    case 1:
        i++;
    }
    switch (i) {
    case 2:
        break;
    case i: //~ E0272: a case label is not an integer constant expression
        break;
    }
twice:
twice:; //~ E0273: label 'twice' is defined twice
    goto nowhere; //~ E0273: label 'nowhere' is used but not defined
}

void local_labels(void)
{
    {
        __label__ missing, taken;
        void *place = &&taken; //~ E0273: label 'taken' is used but not defined

        goto missing; //~ E0273: label 'missing' is used but not defined
    }
    {
        __label__ twice, again, twice; //~ E0273: label 'twice' is declared twice in this block
        {
            __label__ again;
        again:;
        }
    again:;
    }
    {
        __label__ outside;
        void leave(void) { goto outside; } //~ E0273: label 'outside' is used but not defined

        leave();
    }
outside:
    return;
}
