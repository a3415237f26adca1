/* The table of devices: each is one file under devices/ that exports its class and nothing else. */
#include "devices.h"

#include <string.h>

extern const struct virtio_class blk_class;
extern const struct virtio_class console_class;
extern const struct virtio_class net_class;
extern const struct virtio_class rng_class;

const struct virtio_class *const device_classes[] = {
    &blk_class,
    &console_class,
    &net_class,
    &rng_class,
    NULL,
};

const struct virtio_class *device_class(const char *name)
{
    for (unsigned i = 0; device_classes[i]; i++) {
        if (strcmp(device_classes[i]->name, name) == 0) {
            return device_classes[i];
        }
    }
    return NULL;
}
