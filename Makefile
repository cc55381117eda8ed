# SPDX-License-Identifier: GPL-2.0-only
#
# Gunyah for Linux: driver, EL2 stub, VMM, tests.  `make help` lists the
# targets; everything built or downloaded goes to build/.

HOST_KERNEL	?= 6.12
GUEST_KERNEL	?= 6.12
CPUS		?= 2
GUEST_CPUS	?= 2
GUEST_MEM	?= 256
PROFILE		?= production
CPU		?= max,pauth-impdef=on
HOST_MEM	?= 0
TIMEOUT		?= 600
CROSS_COMPILE	?= aarch64-linux-gnu-

TOP	:= $(CURDIR)
BUILD	?= $(TOP)/build
export BUILD

JOBS	:= -j$(shell nproc)
SUBMAKE	:= $(MAKE) --no-print-directory $(JOBS)

RUN_ARGS = --cpus '$(CPUS)' --cpu '$(CPU)' --host-mem '$(HOST_MEM)' \
	--host-kernel '$(HOST_KERNEL)' --host-cmdline '$(HOST_CMDLINE)' \
	--profile '$(PROFILE)' --guest-cpus '$(GUEST_CPUS)' \
	--guest-mem '$(GUEST_MEM)' --guest-kernel '$(GUEST_KERNEL)' \
	--guest-initrd '$(GUEST_INITRD)' --guest-cmdline '$(GUEST_CMDLINE)' \
	--stub-options='$(STUB_OPTIONS)' --vmm-options='$(VMM_OPTIONS)' --timeout '$(TIMEOUT)' \
	--test-args='$(TEST_ARGS)' --qemu-args='$(QEMU_ARGS)' $(if $(RM_DEBUG),--rm-debug) \
	$(if $(ICOUNT),--icount) $(if $(PROTECTED),--protected)

.DEFAULT_GOAL := help

## Main targets

.PHONY: help
help: ## this list
	@echo 'Targets:'
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  \1\t\2/p' Makefile | expand -t 18
	@echo
	@echo 'Variables (with their defaults):'
	@echo '  PROFILE=$(PROFILE)        open | production: what the stub behaves like'
	@echo '  RM_DEBUG=                 1: the open resource manager as a debug build'
	@echo '  CPUS=$(CPUS) HOST_MEM=$(HOST_MEM)         of the host; 0: enough for the guest'
	@echo '  GUEST_CPUS=$(GUEST_CPUS) GUEST_MEM=$(GUEST_MEM)  of the guest; MiB, or with M or G behind it'
	@echo '  PROTECTED=                1: a protected guest, which runs from a disk'
	@echo '  VMM_OPTIONS=              more options for gunyah-vmm'
	@echo '  HOST_KERNEL=$(HOST_KERNEL)          6.12 | 6.1 | debug: one of our own that finds bugs'
	@echo '  GUEST_KERNEL=$(GUEST_KERNEL)         6.12 | 6.1 | path of an Image'
	@echo '  GUEST_INITRD=             another initial RAM disk for the guest'
	@echo '  GUEST_CMDLINE=            more words for the guest'"'"'s kernel'
	@echo '  ICOUNT=                   1: time by instructions, independent of the load'
	@echo '  TIMEOUT=$(TIMEOUT)               seconds after which a run counts as hung'
	@echo '  CPU=$(CPU)  -cpu of QEMU'

.PHONY: run
run: host $(if $(PROTECTED),guest-kernel) ## boot stub, host and guest in QEMU; 0 only if all went well
	@scripts/run-vm.py --action run $(RUN_ARGS)

.PHONY: shell
shell: host ## the same host with a prompt instead
	@scripts/run-vm.py --action shell $(RUN_ARGS)

.PHONY: bench
bench: host bench-program ## guest instructions of the hot paths, counted by QEMU
	@scripts/run-vm.py --action bench $(RUN_ARGS) --cpus 1 --guest-cpus 1

.PHONY: test
test: setup-test ## all suites; last line: N passed, N failed, N skipped
	@scripts/test.py $(SUITES)

.PHONY: test-debug
test-debug: setup-test ## the kselftests on a host with KASAN, lockdep and more (builds it once)
	@scripts/test.py $(or $(SUITES),debug-production debug-open)

.PHONY: check
check: setup-test ## static checks: warnings, sparse, style, layers, sizes
	@scripts/check.py $(CHECKS)

.PHONY: modules
modules: ## gunyah.ko for HOST_KERNEL, or for KDIR=<kernel build tree>
ifdef KDIR
	@scripts/build-modules.sh '$(KDIR)' '$(BUILD)/modules/custom'
	@echo "==> $(BUILD)/modules/custom/gunyah.ko"
else
	@scripts/setup.sh run
	@$(if $(filter debug,$(HOST_KERNEL)),scripts/build-kernel.sh debug)
	@scripts/build-modules.sh '$(BUILD)/kernel/$(HOST_KERNEL)/kdir' \
		'$(BUILD)/modules/$(HOST_KERNEL)'
endif

.PHONY: clean
clean: ## remove what was built, keep what was downloaded
	rm -rf $(addprefix $(BUILD)/,modules hyp-stub hyp-stub-test \
		samples samples-test selftests bench stress logs check kunit guest-kernel run.*)

.PHONY: distclean
distclean: ## remove build/ altogether
	rm -rf $(BUILD)

## More ways to run

.PHONY: run-matrix
run-matrix: host ## run with both profiles, CPUS and GUEST_CPUS of 1, 2, 4
	@scripts/matrix.py all $(MATRIX_ARGS)

.PHONY: run-corners
run-corners: host ## the four corners of run-matrix
	@scripts/matrix.py corners $(MATRIX_ARGS)

.PHONY: run-again
run-again: host ## run ten times in a row
	@scripts/matrix.py again $(MATRIX_ARGS)

.PHONY: run-protected
run-protected: host guest-kernel ## a protected guest with a disk, in both profiles
	@scripts/matrix.py protected $(MATRIX_ARGS)

## Single suites of `make test`

.PHONY: kunit
kunit: setup-test ## KUnit tests of the driver on UML
	@scripts/test.py kunit

.PHONY: stub-test
stub-test: setup-test ## unit tests of the stub on this machine
	@scripts/test.py stub

.PHONY: selftest
selftest: host selftests ## kselftests in QEMU with PROFILE
	@scripts/run-vm.py --action test $(RUN_ARGS)

# The same for a reader of TAP; the console is in build/logs.
.PHONY: selftest-tap
selftest-tap: host selftests
	@scripts/run-vm.py --action test --tap $(RUN_ARGS) --timeout 2400

.PHONY: check-selftest
check-selftest: setup-test ## plant faults, see that each check finds its own
	@scripts/check.py --self-test

.PHONY: setup
setup: ## packages and kernels, without building anything
	@scripts/setup.sh run

## Parts, used by the targets above

.PHONY: setup-test
setup-test:
	@scripts/setup.sh test

.PHONY: host
host: modules hyp-stub samples

.PHONY: hyp-stub
hyp-stub: setup
	@$(SUBMAKE) -C hyp-stub O=$(BUILD)/hyp-stub CROSS_COMPILE=$(CROSS_COMPILE) \
		LIBFDT=$(BUILD)/libfdt-src

.PHONY: samples
samples: setup
	@$(SUBMAKE) -C samples/gunyah O=$(BUILD)/samples \
		CROSS_COMPILE=$(CROSS_COMPILE) SYSROOT=$(BUILD)/sysroot-arm64

.PHONY: memstress
memstress: host stress-programs guest-kernel ## a guest checks all of its memory while the host swaps, moves and takes it
	@scripts/matrix.py memstress --guest-mem 512 $(MATRIX_ARGS)

.PHONY: stress-programs
stress-programs: setup
	@$(SUBMAKE) -C samples/gunyah stress O=$(BUILD)/stress CROSS_COMPILE=$(CROSS_COMPILE)

.PHONY: guest-kernel
guest-kernel:
	@scripts/build-kernel.sh guest

SELFTESTS = -C tools/testing/selftests/gunyah O=$(BUILD)/selftests \
	CROSS_COMPILE=$(CROSS_COMPILE) SYSROOT=$(BUILD)/sysroot-arm64 \
	LIBFDT_SRC=$(BUILD)/libfdt-src \
	KSFT_INCLUDE=$(BUILD)/src/linux-6.12/tools/testing/selftests

.PHONY: selftests
selftests: setup-test
	@$(SUBMAKE) $(SELFTESTS)
	@$(SUBMAKE) $(SELFTESTS) modules KDIR=$(BUILD)/kernel/$(HOST_KERNEL)/kdir

.PHONY: bench-program
bench-program: setup
	@$(SUBMAKE) -C samples/gunyah bench O=$(BUILD)/bench \
		CROSS_COMPILE=$(CROSS_COMPILE) SYSROOT=$(BUILD)/sysroot-arm64
