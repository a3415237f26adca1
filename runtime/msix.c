/*
 * msix.c - see msix.h.
 */
#include "msix.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "log.h"

enum {
    CONTROL_ENABLE = 0x8000,
    CONTROL_MASK = 0x4000,
    VECTOR_MASK = 1,
};

int msix_init(struct msix *m, const struct pci_platform *platform, uint16_t n)
{
    memset(m, 0, sizeof *m);
    m->vector = calloc(n, sizeof m->vector[0]);
    if (m->vector == NULL)
        return -ENOMEM;
    pthread_mutex_init(&m->lock, NULL);
    m->platform = platform;
    for (m->n = 0; m->n < n; m->n++) {
        struct msix_vector *v = &m->vector[m->n];

        v->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        if (v->fd < 0) {
            int error = errno;

            msix_free(m);
            return -error;
        }
        v->control = VECTOR_MASK;
        v->message = platform->add_message(platform->opaque, v->fd);
    }
    return 0;
}

void msix_free(struct msix *m)
{
    for (uint16_t i = 0; i < m->n; i++)
        close(m->vector[i].fd);
    free(m->vector);
    pthread_mutex_destroy(&m->lock);
}

void msix_describe(struct pci_function *fn, uint32_t table, uint32_t pending)
{
    struct {
        uint16_t control;
        uint32_t table, pending;    /* BAR 0: the three low bits are 0 */
    } __attribute__((packed)) body = {(uint16_t)(fn->msix->n - 1), table, pending},
                              writable = {CONTROL_ENABLE | CONTROL_MASK, 0, 0};

    fn->msix_capability = pci_add_capability(fn, MSIX_CAPABILITY, &body, &writable, sizeof body);
}

/* ---- under the lock ---------------------------------------------------------------------------- */

static void send(struct msix_vector *v)
{
    uint64_t one = 1;

    if (write(v->fd, &one, sizeof one) < 0)
        log_error("vmm", "a message-signalled interrupt was lost");
}

/* Tells the platform where an unmasked vector goes, and sends it when it is pending. */
static void update(struct msix *m, uint16_t i)
{
    struct msix_vector *v = &m->vector[i];
    uint64_t bit = UINT64_C(1) << i % 64;

    if (!m->enabled || m->masked || (v->control & VECTOR_MASK))
        return;
    if (!v->routed && v->message >= 0)
        m->platform->route_message(m->platform->opaque, v->message,
                                   (uint64_t)v->address_high << 32 | v->address, v->data);
    v->routed = true;
    if (m->pending[i / 64] & bit) {
        m->pending[i / 64] &= ~bit;
        send(v);
    }
}

static uint32_t *field(struct msix_vector *v, uint64_t offset)
{
    uint32_t *fields[] = {&v->address, &v->address_high, &v->data, &v->control};

    return fields[offset % MSIX_ENTRY / 4];
}

/* Does the access mean 4-byte fields of vectors that are there? */
static bool valid(const struct msix *m, uint64_t offset, unsigned size)
{
    return (size == 4 || size == 8) && offset % size == 0 && offset / MSIX_ENTRY < m->n;
}

static void write_field(struct msix *m, uint64_t offset, uint32_t value)
{
    struct msix_vector *v = &m->vector[offset / MSIX_ENTRY];
    uint32_t *where = field(v, offset);

    if (where == &v->control)
        value &= VECTOR_MASK;
    else if (*where != value)
        v->routed = false;
    *where = value;
}

/* ---- the interface ---------------------------------------------------------------------------- */

void msix_control(struct msix *m, uint16_t control)
{
    pthread_mutex_lock(&m->lock);
    m->enabled = control & CONTROL_ENABLE;
    m->masked = control & CONTROL_MASK;
    for (uint16_t i = 0; i < m->n; i++)
        update(m, i);
    pthread_mutex_unlock(&m->lock);
}

bool msix_enabled(struct msix *m)
{
    bool enabled;

    pthread_mutex_lock(&m->lock);
    enabled = m->enabled;
    pthread_mutex_unlock(&m->lock);
    return enabled;
}

bool msix_signal(struct msix *m, uint16_t i)
{
    bool enabled;

    pthread_mutex_lock(&m->lock);
    enabled = m->enabled;
    if (enabled && i < m->n) {
        m->pending[i / 64] |= UINT64_C(1) << i % 64;
        update(m, i);
    }
    pthread_mutex_unlock(&m->lock);
    return enabled;
}

uint64_t msix_table_read(struct msix *m, uint64_t offset, unsigned size)
{
    uint64_t value = 0;

    if (!valid(m, offset, size))
        return 0;
    pthread_mutex_lock(&m->lock);
    value = *field(&m->vector[offset / MSIX_ENTRY], offset);
    if (size == 8)
        value |= (uint64_t)*field(&m->vector[offset / MSIX_ENTRY], offset + 4) << 32;
    pthread_mutex_unlock(&m->lock);
    return value;
}

void msix_table_write(struct msix *m, uint64_t offset, unsigned size, uint64_t value)
{
    if (!valid(m, offset, size))
        return;
    pthread_mutex_lock(&m->lock);
    write_field(m, offset, (uint32_t)value);
    if (size == 8)
        write_field(m, offset + 4, (uint32_t)(value >> 32));
    update(m, (uint16_t)(offset / MSIX_ENTRY));
    pthread_mutex_unlock(&m->lock);
}

uint64_t msix_pending_read(struct msix *m, uint64_t offset, unsigned size)
{
    uint64_t value = 0;

    if ((size != 4 && size != 8) || offset % size != 0 || offset >= sizeof m->pending)
        return 0;
    pthread_mutex_lock(&m->lock);
    memcpy(&value, (char *)m->pending + offset, size);
    pthread_mutex_unlock(&m->lock);
    return value;
}
