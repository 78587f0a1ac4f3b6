/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mn_mode.h"

const char *
mn_mode_name(enum mn_mode mode)
{
	static const char *const names[MN_MODE_COUNT] = {
		"none", "home", "c", "f", "mc", "cvc", "fvc", "x-ha only",
	};

	return (unsigned)mode < MN_MODE_COUNT ? names[mode] : "unknown";
}

const char *
mn_layer_name(unsigned bit)
{
	if (bit == MN_LAYER_X_MIP)
		return "x-mip";
	return bit == MN_LAYER_VPN ? "vpn" : "i-mip";
}

unsigned
mn_mode_layers(enum mn_mode mode)
{
	static const unsigned layers[MN_MODE_COUNT] = {
		[MN_MODE_C] = MN_LAYER_I_MIP,
		[MN_MODE_F] = MN_LAYER_I_MIP,
		[MN_MODE_MC] = MN_LAYER_VPN | MN_LAYER_I_MIP,
		[MN_MODE_CVC] = MN_LAYER_X_MIP | MN_LAYER_VPN | MN_LAYER_I_MIP,
		[MN_MODE_FVC] = MN_LAYER_X_MIP | MN_LAYER_VPN | MN_LAYER_I_MIP,
		[MN_MODE_X] = MN_LAYER_X_MIP,
	};

	return (unsigned)mode < MN_MODE_COUNT ? layers[mode] : 0;
}

enum mn_mode
mn_mode_of(enum mn_place place, enum mn_access access, bool is_vpn)
{
	bool is_foreign = access == MN_ACCESS_FOREIGN;

	if (access == MN_ACCESS_HOME)
		return is_vpn ? MN_MODE_MC : MN_MODE_HOME;
	if (place == MN_PLACE_INSIDE)
		return is_foreign ? MN_MODE_F : MN_MODE_C;
	if (place == MN_PLACE_OUTSIDE && is_vpn)
		return is_foreign ? MN_MODE_FVC : MN_MODE_CVC;
	if (is_vpn)
		return MN_MODE_MC;
	return place == MN_PLACE_OUTSIDE ? MN_MODE_X : MN_MODE_NONE;
}
