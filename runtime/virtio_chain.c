/*
 * What a device does with a chain: copy bytes out of it and into it, read and write files with it.
 *
 * The pieces of a chain were checked when it was popped, and belong to the request alone: they are
 * shortened in place as they are used. Only the bytes they point at are the driver's.
 */
#include <errno.h>
#include <string.h>

#include "co_io.h"
#include "virtio.h"
#include "virtqueue.h"

size_t chain_out_left(const struct vq_chain *chain)
{
    return chain->out_left;
}

size_t chain_in_left(const struct vq_chain *chain)
{
    return chain->in_left;
}

/* Cuts size bytes off the front of the n pieces at *piece; the caller knows that they are there. */
static void skip(struct iovec **piece, unsigned *n, size_t size)
{
    while (size) {
        size_t here = (*piece)->iov_len < size ? (*piece)->iov_len : size;

        (*piece)->iov_base = (char *)(*piece)->iov_base + here;
        (*piece)->iov_len -= here;
        size -= here;
        if ((*piece)->iov_len == 0) {
            (*piece)++;
            (*n)--;
        }
    }
}

bool chain_get(struct vq_chain *chain, void *data, size_t size)
{
    char *to = data;

    if (size > chain->out_left) {
        return false;
    }
    chain->out_left -= (uint32_t)size;
    while (size) {
        size_t here = chain->out->iov_len < size ? chain->out->iov_len : size;

        memcpy(to, chain->out->iov_base, here);
        skip(&chain->out, &chain->n_out, here);
        to += here;
        size -= here;
    }
    return true;
}

bool chain_skip(struct vq_chain *chain, size_t size)
{
    if (size > chain->out_left) {
        return false;
    }
    chain->out_left -= (uint32_t)size;
    skip(&chain->out, &chain->n_out, size);
    return true;
}

/* The next size writable bytes are filled. */
static void advance_in(struct vq_chain *chain, size_t size)
{
    skip(&chain->in, &chain->n_in, size);
    chain->in_left -= (uint32_t)size;
    chain->written += (uint32_t)size;
}

bool chain_put(struct vq_chain *chain, const void *data, size_t size)
{
    const char *from = data;

    if (size > chain->in_left) {
        return false;
    }
    while (size) {
        size_t here = chain->in->iov_len < size ? chain->in->iov_len : size;

        memcpy(chain->in->iov_base, from, here);
        advance_in(chain, here);
        from += here;
        size -= here;
    }
    return true;
}

bool chain_reserve_last(struct vq_chain *chain)
{
    struct iovec *piece;

    if (chain->in_left == 0 || chain->last) {
        return false;
    }
    piece = &chain->in[chain->n_in - 1];
    piece->iov_len--;
    chain->last = (uint8_t *)piece->iov_base + piece->iov_len;
    chain->in_left--;
    if (piece->iov_len == 0) {
        chain->n_in--;
    }
    return true;
}

void chain_put_last(struct vq_chain *chain, uint8_t value)
{
    if (chain->last) {
        *chain->last = value;
        chain->written += chain->in_left + 1;
        chain->last = NULL;
    }
}

int coroutine_fn co_chain_pread(struct vq_chain *chain, int fd, uint64_t offset)
{
    size_t size = chain->in_left;
    int64_t done;

    if (size == 0) {
        return 0;
    }
    done = co_preadv(fd, chain->in, (int)chain->n_in, (int64_t)offset);
    if (done < 0) {
        return (int)done;
    }
    advance_in(chain, (size_t)done);
    return (size_t)done == size ? 0 : -EIO;
}

int coroutine_fn co_chain_pwrite(struct vq_chain *chain, int fd, uint64_t offset)
{
    size_t size = chain->out_left;
    int64_t done;

    if (size == 0) {
        return 0;
    }
    done = co_pwritev(fd, chain->out, (int)chain->n_out, (int64_t)offset);
    if (done < 0) {
        return (int)done;
    }
    skip(&chain->out, &chain->n_out, size);
    chain->out_left = 0;
    return 0;
}
