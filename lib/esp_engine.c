/* SPDX-License-Identifier: BSD-3-Clause */
#include "lib/esp_engine.h"

#include <stdlib.h>

#include <openssl/crypto.h>

#include "lib/imb_manager.h"

struct esp_engine *
esp_engine_create(void)
{
	struct esp_engine *engine = aligned_alloc(64, sizeof(*engine));

	if (engine == NULL)
		return NULL;
	memset(engine, 0, sizeof(*engine));
	engine->manager = imb_manager_create();
	if (engine->manager != NULL)
		return engine;
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
