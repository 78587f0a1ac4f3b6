/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TESTS_UNIT_CONTROL_FAKE_ESP_H
#define TESTS_UNIT_CONTROL_FAKE_ESP_H

#include <stdbool.h>

/* Keys that have been made and not destroyed. */
unsigned fake_esp_keys(void);

/* Whether making keys fails. */
void fake_esp_fail(bool fails);

#endif
