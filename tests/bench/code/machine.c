/* An interpreter of a small register machine: a switch in a loop over structs. */
#include <stdint.h>
#include <stdio.h>

enum op { OP_SET, OP_ADD, OP_SUB, OP_MUL, OP_XOR, OP_SHIFT, OP_LOAD, OP_STORE, OP_LESS, OP_JUMP, OP_END };

struct instruction {
    enum op op;
    uint8_t a, b, c;
    int32_t value;
};

struct machine {
    const struct instruction *program;
    int64_t registers[8];
    int64_t memory[256];
    uint64_t steps;
    uint32_t at;
};

static void run(struct machine *m)
{
    for (;;) {
        const struct instruction *i = &m->program[m->at++];
        int64_t *r = m->registers;
        m->steps++;
        switch (i->op) {
        case OP_SET:
            r[i->a] = i->value;
            break;
        case OP_ADD:
            r[i->a] = r[i->b] + r[i->c];
            break;
        case OP_SUB:
            r[i->a] = r[i->b] - r[i->c];
            break;
        case OP_MUL:
            r[i->a] = (int64_t)((uint64_t)r[i->b] * (uint64_t)r[i->c]);
            break;
        case OP_XOR:
            r[i->a] = r[i->b] ^ r[i->c];
            break;
        case OP_SHIFT:
            r[i->a] = (int64_t)((uint64_t)r[i->b] >> i->value);
            break;
        case OP_LOAD:
            r[i->a] = m->memory[r[i->b] & 255];
            break;
        case OP_STORE:
            m->memory[r[i->b] & 255] = r[i->a];
            break;
        case OP_LESS:
            if (r[i->a] < r[i->b]) {
                m->at = (uint32_t)i->value;
            }
            break;
        case OP_JUMP:
            m->at = (uint32_t)i->value;
            break;
        case OP_END:
            return;
        }
    }
}

int main(void)
{
    static const struct instruction program[] = {
        {OP_SET, 0, 0, 0, 0},      {OP_SET, 1, 0, 0, 16000000}, {OP_SET, 2, 0, 0, 1},    {OP_SET, 3, 0, 0, 77},
        {OP_SET, 5, 0, 0, 31421},  {OP_MUL, 3, 3, 5, 0},       {OP_ADD, 3, 3, 2, 0},    {OP_SHIFT, 4, 3, 0, 9},
        {OP_LOAD, 6, 4, 0, 0},     {OP_XOR, 6, 6, 3, 0},       {OP_STORE, 6, 4, 0, 0},  {OP_ADD, 0, 0, 2, 0},
        {OP_LESS, 0, 1, 0, 5},     {OP_END, 0, 0, 0, 0},
    };
    static struct machine m = {.program = program};
    run(&m);
    uint64_t sum = m.steps;
    for (int i = 0; i < 256; i++) {
        sum = sum * 31 + (uint64_t)m.memory[i];
    }
    printf("%llu\n", (unsigned long long)sum);
    return 0;
}
