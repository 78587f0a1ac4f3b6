/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef LIB_IMB_MANAGER_H
#define LIB_IMB_MANAGER_H

#include <intel-ipsec-mb.h>

/* IPsec-MB's state, ready for this CPU; free_mb_mgr() frees it. Whoever has it uses it alone. NULL: no memory, or a CPU
 * that the library does not know. */
IMB_MGR *imb_manager_create(void);

#endif
