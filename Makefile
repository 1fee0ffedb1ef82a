# Two commands: `make demo` builds and shows the main job on the sample lake, `make test` runs the tests.
# Both install missing system packages first (as root or through sudo).

PACKAGES = libsqlite3-dev libzstd-dev liblz4-dev libdeflate-dev libsnappy-dev libbrotli-dev libbz2-dev zlib1g-dev \
	libpcre2-dev libedit-dev pkg-config tzdata
RELEASE = swift build -c release
# No test imports with @testable, so the tests use the modules that `build` made.
TEST = swift test -c release --disable-testable-imports
BINARY = .build/release/athena-lite

.PHONY: demo build test quick bench bench-data packages format

demo: build
	@echo "\n== Crawling testdata/lake into the catalog .athena-lite"
	@$(BINARY) --catalog .athena-lite crawl testdata/lake
	@echo "\n== Flights and delays by airline"
	@$(BINARY) --catalog .athena-lite query --format table -e "$$DEMO_AIRLINES"
	@echo "\n== The windiest departures: Parquet joined with JSON lines"
	@$(BINARY) --catalog .athena-lite query --format table -e "$$DEMO_WEATHER"
	@echo "\nOpen the shell with: $(BINARY) --catalog .athena-lite"

define DEMO_AIRLINES
SELECT a.name AS airline, count(*) AS flights, round(avg(f.arr_delay), 1) AS mean_delay
FROM flights f JOIN airlines a ON f.carrier = a.carrier
GROUP BY a.name ORDER BY flights DESC LIMIT 5
endef
export DEMO_AIRLINES

define DEMO_WEATHER
SELECT f.flight_date, f.origin, p.name AS destination, w.wind.speed AS wind_mph, f.dep_delay
FROM flights f
JOIN weather w ON f.origin = w.origin AND f.time_hour = w.time_hour
JOIN airports p ON f.dest = p.faa
WHERE f.month = '11' AND w.wind.speed > 30
ORDER BY w.wind.speed DESC, f.dep_delay DESC LIMIT 5
endef
export DEMO_WEATHER

build: packages
	$(RELEASE) --product athena-lite

# Everything: unit tests, grammar tests, SQL tests, documentation tests.
test: packages
	$(TEST)

# The everyday subset: SQL tests alone.
quick: packages
	$(TEST) --filter SQLTests

# Times the suites of testdata/bench against DuckDB (from PyPI, with TPC-H's generator; about 1.2 GB of data in .bench).
BENCH = .bench
bench: packages bench-data
	$(RELEASE)
	.build/release/athena-lite-bench --data $(BENCH) --python $(BENCH)/python/bin/python3

bench-data:
	@test -x $(BENCH)/python/bin/tpchgen-cli || { python3 -m venv $(BENCH)/python && \
		$(BENCH)/python/bin/pip install -q duckdb==2.0.0 tpchgen-cli==4.0.0; }
	@test -d $(BENCH)/parquet || $(BENCH)/python/bin/tpchgen-cli parquet -s 1 --parts 1 --compression 'ZSTD(1)' \
		--output-dir $(BENCH)/parquet
	@test -d $(BENCH)/csv || $(BENCH)/python/bin/tpchgen-cli csv -s 1 --parts 1 --tables lineitem \
		--output-dir $(BENCH)/csv

packages:
	@missing=""; for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
		run=""; [ "$$(id -u)" = 0 ] || run="sudo"; \
		$$run apt-get update -qq && $$run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing; \
	fi

format:
	swift format --in-place --recursive Sources Tests Package.swift
