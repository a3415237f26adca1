/*
 * cmos.c - see cmos.h. Registers are the MC146818's, the century at 0x32 is the PC's.
 */
#include "cmos.h"

#include <time.h>

enum {
    RTC_SECONDS = 0x00,
    RTC_MINUTES = 0x02,
    RTC_HOURS = 0x04,
    RTC_WEEKDAY = 0x06,
    RTC_DAY = 0x07,
    RTC_MONTH = 0x08,
    RTC_YEAR = 0x09,
    RTC_STATUS_A = 0x0a,
    RTC_STATUS_B = 0x0b,
    RTC_STATUS_D = 0x0d,
    RTC_CENTURY = 0x32,

    STATUS_A_DIVIDER = 0x26,    /* 32768 Hz, 1024 Hz periodic rate, UIP clear */
    STATUS_B_24_HOURS = 0x02,
    STATUS_D_VALID = 0x80,

    INDEX_MASK = 0x7f,          /* bit 7 of port 0x70 masks NMIs */
};

static uint8_t bcd(int value)
{
    return (uint8_t)(value / 10 << 4 | value % 10);
}

static uint8_t read_register(uint8_t index)
{
    time_t now = time(NULL);
    struct tm t;

    if (gmtime_r(&now, &t) == NULL)
        return 0;
    switch (index) {
    case RTC_SECONDS:
        return bcd(t.tm_sec % 60);  /* a leap second reads as 00 */
    case RTC_MINUTES:
        return bcd(t.tm_min);
    case RTC_HOURS:
        return bcd(t.tm_hour);
    case RTC_WEEKDAY:
        return bcd(t.tm_wday + 1);
    case RTC_DAY:
        return bcd(t.tm_mday);
    case RTC_MONTH:
        return bcd(t.tm_mon + 1);
    case RTC_YEAR:
        return bcd(t.tm_year % 100);
    case RTC_CENTURY:
        return bcd(19 + t.tm_year / 100);
    case RTC_STATUS_A:
        return STATUS_A_DIVIDER;
    case RTC_STATUS_B:
        return STATUS_B_24_HOURS;
    case RTC_STATUS_D:
        return STATUS_D_VALID;
    default:
        return 0;
    }
}

uint8_t cmos_read(struct cmos *cmos, unsigned offset)
{
    if (offset == 0)
        return 0xff;            /* the index is write only */
    return read_register(__atomic_load_n(&cmos->index, __ATOMIC_RELAXED));
}

void cmos_write(struct cmos *cmos, unsigned offset, uint8_t value)
{
    if (offset == 0)
        __atomic_store_n(&cmos->index, value & INDEX_MASK, __ATOMIC_RELAXED);
}
