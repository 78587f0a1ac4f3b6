/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/imb_manager.h"

IMB_MGR *
imb_manager_create(void)
{
	IMB_MGR *manager = alloc_mb_mgr(0);

	if (manager == NULL)
		return NULL;
	init_mb_mgr_auto(manager, NULL);
	if (imb_get_errno(manager) == 0)
		return manager;
	free_mb_mgr(manager);
	return NULL;
}
