/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile/mac_check.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What the map has for an IPv4 address. */
struct entry {
	uint8_t mac[ETH_ADDRESS_SIZE];
	uint8_t padding[2];
	uint64_t dropped;
};

/* From the source MAC address to the end of the source IPv4 address, as the program has it on its stack. */
#define FRAME_FROM 6
#define FRAME_LEN 24
#define MAC_ON_STACK (-FRAME_LEN)
#define ADDRESS_ON_STACK (-4)
#define STACK 10 /* the register that points behind it */

static int
bpf(int command, union bpf_attr *attr)
{
	long result = syscall(SYS_bpf, command, attr, sizeof(*attr));

	return result < 0 ? -errno : (int)result;
}

static int
create_map(unsigned addresses_max)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_HASH,
		.key_size = sizeof(be32),
		.value_size = sizeof(struct entry),
		.max_entries = addresses_max,
	};

	return bpf(BPF_MAP_CREATE, &attr);
}

/* The instructions of the program. */
static struct bpf_insn
set(uint8_t reg, int32_t value)
{
	return (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV, .dst_reg = reg, .imm = value};
}

static struct bpf_insn
add(uint8_t reg, int32_t value)
{
	return (struct bpf_insn){.code = BPF_ALU64, .dst_reg = reg, .imm = value};
}

static struct bpf_insn
copy(uint8_t reg, uint8_t from)
{
	return (struct bpf_insn){
		.code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = reg, .src_reg = from};
}

static struct bpf_insn
load(uint8_t size, uint8_t reg, uint8_t from, int16_t at)
{
	return (struct bpf_insn){
		.code = BPF_LDX | BPF_MEM | size, .dst_reg = reg, .src_reg = from, .off = at};
}

static struct bpf_insn
call(int32_t function)
{
	return (struct bpf_insn){.code = BPF_JMP | BPF_CALL, .imm = function};
}

/* Compares with `other`, or with 0. */
static struct bpf_insn
jump(uint8_t condition, uint8_t reg, uint8_t other, int16_t by)
{
	return (struct bpf_insn){.code = BPF_JMP | condition | (other != 0 ? BPF_X : 0),
				 .dst_reg = reg,
				 .src_reg = other,
				 .off = by};
}

/* The file descriptor of the program, or -errno. */
static int
load_program(int map_fd)
{
	enum { DROP = 18, PASS = 22 };
	const struct bpf_insn add_one = {.code = BPF_STX | BPF_DW | BPF_XADD,
					 .src_reg = 1,
					 .off = offsetof(struct entry, dropped)};
	const struct bpf_insn map = {
		.code = BPF_LD | BPF_DW, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD, .imm = map_fd};
	const struct bpf_insn end = {.code = BPF_JMP | BPF_EXIT};
	const struct bpf_insn program[] = {
		/* 0: to the stack, what is between both source addresses, and they */
		set(2, FRAME_FROM),
		copy(3, STACK),
		add(3, MAC_ON_STACK),
		set(4, FRAME_LEN),
		call(BPF_FUNC_skb_load_bytes),
		jump(BPF_JNE, 0, 0, PASS - 6),
		/* 6: the entry of the IPv4 address */
		map,
		{0},
		copy(2, STACK),
		add(2, ADDRESS_ON_STACK),
		call(BPF_FUNC_map_lookup_elem),
		jump(BPF_JEQ, 0, 0, PASS - 12),
		/* 12: four octets of the MAC address, and two */
		load(BPF_W, 1, 0, 0),
		load(BPF_W, 2, STACK, MAC_ON_STACK),
		jump(BPF_JNE, 1, 2, DROP - 15),
		load(BPF_H, 1, 0, 4),
		load(BPF_H, 2, STACK, MAC_ON_STACK + 4),
		jump(BPF_JEQ, 1, 2, PASS - 18),
		/* DROP */
		set(1, 1),
		add_one,
		set(0, TC_ACT_SHOT),
		end,
		/* PASS: to whatever filter comes next */
		set(0, TC_ACT_UNSPEC),
		end,
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_SCHED_CLS,
		.insns = (uintptr_t)program,
		.insn_cnt = sizeof(program) / sizeof(program[0]),
		.license = (uintptr_t) "BSD",
		.prog_name = "mac_check",
	};

	return bpf(BPF_PROG_LOAD, &attr);
}

void
mac_check_init(struct mac_check *check)
{
	*check = (struct mac_check){.map_fd = -1};
}

static int
attach(struct mac_check *check)
{
	int program_fd = load_program(check->map_fd), result;

	if (program_fd < 0)
		return program_fd;
	result = netlink_ingress_program_set(check->netlink, check->ifindex, check->priority,
					     program_fd);
	close(program_fd); /* the filter holds it */
	check->is_attached = result == 0;
	return result;
}

int
mac_check_open(struct mac_check *check, struct netlink *netlink, unsigned ifindex,
	       uint16_t priority, unsigned addresses_max)
{
	int result = create_map(addresses_max);

	mac_check_init(check);
	if (result < 0)
		return result;
	check->map_fd = result;
	check->netlink = netlink;
	check->ifindex = ifindex;
	check->priority = priority;
	result = attach(check);
	if (result != 0)
		mac_check_close(check);
	return result;
}

void
mac_check_close(struct mac_check *check)
{
	if (check->is_attached)
		(void)netlink_ingress_program_remove(check->netlink, check->ifindex,
						     check->priority);
	if (check->map_fd >= 0)
		close(check->map_fd);
	mac_check_init(check);
}

static int
lookup(const struct mac_check *check, be32 address, struct entry *entry)
{
	union bpf_attr attr = {
		.map_fd = (uint32_t)check->map_fd,
		.key = (uintptr_t)&address,
		.value = (uintptr_t)entry,
	};

	return bpf(BPF_MAP_LOOKUP_ELEM, &attr);
}

int
mac_check_set(struct mac_check *check, be32 address, const uint8_t mac[ETH_ADDRESS_SIZE])
{
	struct entry entry = {.dropped = mac_check_drops(check, address)};
	union bpf_attr attr = {
		.map_fd = (uint32_t)check->map_fd,
		.key = (uintptr_t)&address,
		.value = (uintptr_t)&entry,
	};

	memcpy(entry.mac, mac, sizeof(entry.mac));
	return bpf(BPF_MAP_UPDATE_ELEM, &attr);
}

int
mac_check_forget(struct mac_check *check, be32 address)
{
	union bpf_attr attr = {
		.map_fd = (uint32_t)check->map_fd,
		.key = (uintptr_t)&address,
	};
	int result;

	check->departed_drops += mac_check_drops(check, address);
	result = bpf(BPF_MAP_DELETE_ELEM, &attr);
	return result == -ENOENT ? 0 : result;
}

uint64_t
mac_check_drops(const struct mac_check *check, be32 address)
{
	struct entry entry;

	return lookup(check, address, &entry) == 0 ? entry.dropped : 0;
}
