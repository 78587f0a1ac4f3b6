/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/esp_engine.h"

#include <stdlib.h>

#include <openssl/crypto.h>

struct esp_engine *
esp_engine_create(void)
{
	struct esp_engine *engine = aligned_alloc(64, sizeof(*engine));

	if (engine == NULL)
		return NULL;
	memset(engine, 0, sizeof(*engine));
	engine->manager = alloc_mb_mgr(0);
	if (engine->manager == NULL)
		goto free_engine;
	init_mb_mgr_auto(engine->manager, NULL);
	if (imb_get_errno(engine->manager) != 0)
		goto free_manager;
	return engine;

free_manager:
	free_mb_mgr(engine->manager);
free_engine:
	free(engine);
	return NULL;
}

void
esp_engine_destroy(struct esp_engine *engine)
{
	if (engine == NULL)
		return;
	free_mb_mgr(engine->manager);
	OPENSSL_cleanse(engine, sizeof(*engine));
	free(engine);
}
