/*
 * textgrid.c - lay out tables and boxes of plain text on a character grid
 *
 * A grid is a rectangle of character cells.  You can write strings into it,
 * draw lines and boxes, and finally print the whole thing.  On top of that
 * there is a small table formatter, which reads delimited text (by default
 * separated by tabs) and prints it with aligned columns:
 *
 *	$ printf 'fruit\tprice\napple\t0.40\nplum\t12.50\n' | ./textgrid
 *	+-------+-------+
 *	| fruit | price |
 *	+-------+-------+
 *	| apple |  0.40 |
 *	| plum  | 12.50 |
 *	+-------+-------+
 *
 * Columns in which every cell below the header looks like a number are
 * aligned on the right, all of the others on the left.
 *
 * Build:	cc -std=c99 -Wall -Wextra -o textgrid textgrid.c
 * Test:	./textgrid --test
 */

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GRID_MAX_SIDE	4096	/* sanity limit for width and height */
#define CELL_PADDING	1	/* blanks on either side of a table cell */

/* ------------------------------------------------------------------ */
/* The grid								*/
/* ------------------------------------------------------------------ */

struct grid {
	int width;
	int height;
	char *cells;		/* width * height bytes, row by row */
};

enum grid_status {
	GRID_OK = 0,
	GRID_NO_MEMORY,
	GRID_BAD_SIZE,
};

/*
 * Prepares a grid and fills it with blanks.  On failure the grid is left
 * empty, so that it's always safe to call grid_free() afterwards.
 */
static enum grid_status grid_init(struct grid *g, int width, int height)
{
	size_t size;

	g->width = 0;
	g->height = 0;
	g->cells = NULL;

	if (width < 1 || height < 1 ||
	    width > GRID_MAX_SIDE || height > GRID_MAX_SIDE)
		return GRID_BAD_SIZE;

	size = (size_t)width * (size_t)height;
	g->cells = malloc(size);
	if (!g->cells)
		return GRID_NO_MEMORY;

	memset(g->cells, ' ', size);
	g->width = width;
	g->height = height;
	return GRID_OK;
}

static void grid_free(struct grid *g)
{
	free(g->cells);
	g->cells = NULL;
	g->width = 0;
	g->height = 0;
}

/* Writes one character; whatever is outside of the grid is ignored. */
static void grid_put(struct grid *g, int x, int y, char c)
{
	if (x < 0 || y < 0 || x >= g->width || y >= g->height)
		return;
	g->cells[(size_t)y * g->width + x] = c;
}

/* Reads one character; outside of the grid everything is blank. */
static char grid_get(const struct grid *g, int x, int y)
{
	if (x < 0 || y < 0 || x >= g->width || y >= g->height)
		return ' ';
	return g->cells[(size_t)y * g->width + x];
}

/* Writes at most max characters of a string, starting at (x, y). */
static void grid_text(struct grid *g, int x, int y, const char *s, int max)
{
	int i;

	for (i = 0; i < max && s[i] != '\0'; i++)
		grid_put(g, x + i, y, s[i]);
}

/*
 * Draws a line element.  Where a horizontal line meets a vertical one the
 * result is a '+', no matter which of them was drawn first.
 */
static void grid_stroke(struct grid *g, int x, int y, char c)
{
	char old = grid_get(g, x, y);

	if (old == '+' || (old == '-' && c == '|') || (old == '|' && c == '-'))
		c = '+';
	grid_put(g, x, y, c);
}

static void grid_hline(struct grid *g, int x, int y, int length)
{
	while (length-- > 0)
		grid_stroke(g, x++, y, '-');
}

static void grid_vline(struct grid *g, int x, int y, int length)
{
	while (length-- > 0)
		grid_stroke(g, x, y++, '|');
}

/* Draws the outline of a rectangle, corners included. */
static void grid_box(struct grid *g, int x, int y, int width, int height)
{
	if (width < 2 || height < 2)
		return;
	grid_hline(g, x, y, width);
	grid_hline(g, x, y + height - 1, width);
	grid_vline(g, x, y, height);
	grid_vline(g, x + width - 1, y, height);
}

/*
 * Copies one row into buf without its trailing blanks and returns its
 * length.  buf must have room for width + 1 bytes.
 */
static int grid_row(const struct grid *g, int y, char *buf)
{
	int length = g->width;

	while (length > 0 && grid_get(g, length - 1, y) == ' ')
		length--;
	memcpy(buf, g->cells + (size_t)y * g->width, (size_t)length);
	buf[length] = '\0';
	return length;
}

static int grid_print(const struct grid *g, FILE *out)
{
	char *buf = malloc((size_t)g->width + 1);
	int y;

	if (!buf)
		return -1;
	for (y = 0; y < g->height; y++) {
		grid_row(g, y, buf);
		if (fprintf(out, "%s\n", buf) < 0) {
			free(buf);
			return -1;
		}
	}
	free(buf);
	return 0;
}

/* ------------------------------------------------------------------ */
/* The table								*/
/* ------------------------------------------------------------------ */

struct row {
	char **cells;
	int count;
};

struct table {
	struct row *rows;
	int count;
	int capacity;
	int columns;		/* the largest number of cells in any row */
};

static void table_free(struct table *t)
{
	int r, c;

	for (r = 0; r < t->count; r++) {
		for (c = 0; c < t->rows[r].count; c++)
			free(t->rows[r].cells[c]);
		free(t->rows[r].cells);
	}
	free(t->rows);
	memset(t, 0, sizeof(*t));
}

static char *copy_span(const char *start, size_t length)
{
	char *copy = malloc(length + 1);

	if (copy) {
		memcpy(copy, start, length);
		copy[length] = '\0';
	}
	return copy;
}

/*
 * Splits a line at each delimiter and appends it to the table.  Blanks
 * around a cell are dropped; an empty line gives a row with one empty cell.
 * Returns false if there's no memory left.
 */
static bool table_add_line(struct table *t, const char *line, char delimiter)
{
	struct row *row;
	const char *p = line;
	int cells = 1;

	if (t->count == t->capacity) {
		int capacity = t->capacity ? t->capacity * 2 : 16;
		struct row *rows = realloc(t->rows, capacity * sizeof(*rows));

		if (!rows)
			return false;
		t->rows = rows;
		t->capacity = capacity;
	}

	for (p = line; *p; p++)
		if (*p == delimiter)
			cells++;

	row = &t->rows[t->count];
	row->count = 0;
	row->cells = calloc((size_t)cells, sizeof(*row->cells));
	if (!row->cells)
		return false;
	t->count++;

	for (p = line; row->count < cells; p++) {
		const char *end = strchr(p, delimiter);
		const char *next = end ? end : p + strlen(p);
		const char *last = next;

		while (p < last && isspace((unsigned char)*p))
			p++;
		while (last > p && isspace((unsigned char)last[-1]))
			last--;

		row->cells[row->count] = copy_span(p, (size_t)(last - p));
		if (!row->cells[row->count])
			return false;
		row->count++;
		p = next;
	}

	if (cells > t->columns)
		t->columns = cells;
	return true;
}

/* A short row behaves as though it were filled up with empty cells. */
static const char *table_cell(const struct table *t, int r, int c)
{
	if (r < 0 || r >= t->count || c < 0 || c >= t->rows[r].count)
		return "";
	return t->rows[r].cells[c];
}

static int table_column_width(const struct table *t, int c)
{
	int r, width = 0;

	for (r = 0; r < t->count; r++) {
		int length = (int)strlen(table_cell(t, r, c));

		if (length > width)
			width = length;
	}
	return width;
}

/* "12", "-3.5", "+0.07" and "1,250" are numbers; "", "-" and "3rd" aren't. */
static bool looks_numeric(const char *s)
{
	bool digits = false;

	if (*s == '-' || *s == '+')
		s++;
	for (; *s; s++) {
		if (isdigit((unsigned char)*s))
			digits = true;
		else if (*s != '.' && *s != ',')
			return false;
	}
	return digits;
}

/* Is everything below the header either empty or a number? */
static bool table_column_is_numeric(const struct table *t, int c)
{
	bool any = false;
	int r;

	for (r = 1; r < t->count; r++) {
		const char *cell = table_cell(t, r, c);

		if (*cell == '\0')
			continue;
		if (!looks_numeric(cell))
			return false;
		any = true;
	}
	return any;
}

/*
 * Draws the table on a grid of exactly the right size.  The caller has to
 * free the grid.  The layout of a row with two columns is
 *
 *	| left |  right |
 *	^      ^        ^	<- vertical lines, computed in x
 */
static enum grid_status table_draw(const struct table *t, struct grid *g)
{
	enum grid_status status;
	int c, r, x;
	int width = 1;
	int height = t->count + 3;

	for (c = 0; c < t->columns; c++) {
		int column = table_column_width(t, c);

		if (column > GRID_MAX_SIDE || width > GRID_MAX_SIDE)
			return grid_init(g, 0, 0);
		width += column + 2 * CELL_PADDING + 1;
	}

	status = grid_init(g, width, height);
	if (status != GRID_OK)
		return status;

	grid_box(g, 0, 0, width, height);
	grid_hline(g, 0, 2, width);

	x = 0;
	for (c = 0; c < t->columns; c++) {
		int column = table_column_width(t, c);
		bool numeric = table_column_is_numeric(t, c);

		for (r = 0; r < t->count; r++) {
			const char *cell = table_cell(t, r, c);
			int y = r == 0 ? 1 : r + 2;
			int left = x + 1 + CELL_PADDING;

			if (numeric)
				left += column - (int)strlen(cell);
			grid_text(g, left, y, cell, column);
		}
		x += column + 2 * CELL_PADDING + 1;
		grid_vline(g, x, 0, height);
	}
	return GRID_OK;
}

/*
 * Reads one line of any length and removes the line end ("\n" or "\r\n").
 * Returns NULL at the end of the file or if there's no memory left.
 */
static char *read_line(FILE *in)
{
	size_t length = 0, capacity = 128;
	char *line = malloc(capacity);
	int c;

	if (!line)
		return NULL;
	while ((c = getc(in)) != EOF && c != '\n') {
		if (length + 1 >= capacity) {
			char *bigger = realloc(line, capacity * 2);

			if (!bigger) {
				free(line);
				return NULL;
			}
			line = bigger;
			capacity *= 2;
		}
		line[length++] = (char)c;
	}
	if (c == EOF && length == 0) {
		free(line);
		return NULL;
	}
	if (length > 0 && line[length - 1] == '\r')
		length--;
	line[length] = '\0';
	return line;
}

/* ------------------------------------------------------------------ */
/* Tests								*/
/* ------------------------------------------------------------------ */

static int checks, failures;

#define CHECK(condition)						\
	do {								\
		checks++;						\
		if (!(condition)) {					\
			failures++;					\
			fprintf(stderr, "%s:%d: failed: %s\n",		\
				__FILE__, __LINE__, #condition);	\
		}							\
	} while (0)

/* Compares one row of the grid with a string. */
static bool row_is(const struct grid *g, int y, const char *expected)
{
	char buf[256];

	if (g->width >= (int)sizeof(buf))
		return false;
	grid_row(g, y, buf);
	return strcmp(buf, expected) == 0;
}

static void test_grid(void)
{
	struct grid g;

	CHECK(grid_init(&g, 0, 5) == GRID_BAD_SIZE);
	CHECK(grid_init(&g, 5, GRID_MAX_SIDE + 1) == GRID_BAD_SIZE);
	grid_free(&g);

	CHECK(grid_init(&g, 7, 3) == GRID_OK);
	CHECK(row_is(&g, 1, ""));
	grid_box(&g, 0, 0, 7, 3);
	grid_text(&g, 1, 1, "hello, world", 5);
	CHECK(row_is(&g, 0, "+-----+"));
	CHECK(row_is(&g, 1, "|hello|"));
	CHECK(row_is(&g, 2, "+-----+"));

	/* Nothing bad happens outside of the grid. */
	grid_put(&g, -1, 0, '!');
	grid_put(&g, 7, 2, '!');
	CHECK(grid_get(&g, 99, 99) == ' ');
	CHECK(row_is(&g, 2, "+-----+"));
	grid_free(&g);
}

static void test_crossing_lines(void)
{
	struct grid g;

	CHECK(grid_init(&g, 5, 3) == GRID_OK);
	grid_vline(&g, 2, 0, 3);
	grid_hline(&g, 0, 1, 5);
	CHECK(row_is(&g, 0, "  |"));
	CHECK(row_is(&g, 1, "--+--"));
	grid_vline(&g, 2, 0, 3);
	CHECK(row_is(&g, 1, "--+--"));
	grid_free(&g);
}

static void test_numbers(void)
{
	CHECK(looks_numeric("12"));
	CHECK(looks_numeric("-3.5"));
	CHECK(looks_numeric("+0.07"));
	CHECK(looks_numeric("1,250"));
	CHECK(!looks_numeric(""));
	CHECK(!looks_numeric("-"));
	CHECK(!looks_numeric("3rd"));
	CHECK(!looks_numeric("0x1F"));
}

static void test_table(void)
{
	struct table t = {0};
	struct grid g;

	CHECK(table_add_line(&t, "fruit;price;note", ';'));
	CHECK(table_add_line(&t, "apple; 0.40 ;", ';'));
	CHECK(table_add_line(&t, "plum;12.50;can't get any", ';'));
	CHECK(table_add_line(&t, "pear", ';'));
	CHECK(t.columns == 3);
	CHECK(t.rows[1].count == 3);
	CHECK(strcmp(table_cell(&t, 1, 1), "0.40") == 0);
	CHECK(strcmp(table_cell(&t, 3, 2), "") == 0);
	CHECK(table_column_is_numeric(&t, 1));
	CHECK(!table_column_is_numeric(&t, 0));

	CHECK(table_draw(&t, &g) == GRID_OK);
	CHECK(row_is(&g, 0, "+-------+-------+---------------+"));
	CHECK(row_is(&g, 1, "| fruit | price | note          |"));
	CHECK(row_is(&g, 2, "+-------+-------+---------------+"));
	CHECK(row_is(&g, 3, "| apple |  0.40 |               |"));
	CHECK(row_is(&g, 4, "| plum  | 12.50 | can't get any |"));
	CHECK(row_is(&g, 5, "| pear  |       |               |"));
	CHECK(row_is(&g, 6, "+-------+-------+---------------+"));
	grid_free(&g);
	table_free(&t);
	CHECK(t.rows == NULL && t.count == 0);
}

static int run_tests(void)
{
	test_grid();
	test_crossing_lines();
	test_numbers();
	test_table();
	printf("%d checks, %d failed\n", checks, failures);
	return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* ------------------------------------------------------------------ */
/* The program								*/
/* ------------------------------------------------------------------ */

static void usage(FILE *out)
{
	fputs("usage: textgrid [-d CHAR] [FILE]\n"
	      "\n"
	      "  -d CHAR   cells are separated by CHAR (default: tab)\n"
	      "  --test    run the built-in tests\n"
	      "  --help    show this text\n", out);
}

int main(int argc, char **argv)
{
	struct table table = {0};
	struct grid grid = {0};
	const char *path = NULL;
	char delimiter = '\t';
	FILE *in = stdin;
	char *line;
	int i, status = EXIT_FAILURE;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--test") == 0)
			return run_tests();
		if (strcmp(argv[i], "--help") == 0) {
			usage(stdout);
			return EXIT_SUCCESS;
		}
		if (strcmp(argv[i], "-d") == 0 && i + 1 < argc &&
		    strlen(argv[i + 1]) == 1) {
			delimiter = argv[++i][0];
		} else if (argv[i][0] != '-' && !path) {
			path = argv[i];
		} else {
			usage(stderr);
			return EXIT_FAILURE;
		}
	}

	if (path) {
		in = fopen(path, "r");
		if (!in) {
			fprintf(stderr, "textgrid: %s: %s\n", path, strerror(errno));
			return EXIT_FAILURE;
		}
	}

	while ((line = read_line(in)) != NULL) {
		bool added = table_add_line(&table, line, delimiter);

		free(line);
		if (!added) {
			fputs("textgrid: out of memory\n", stderr);
			goto out;
		}
	}

	if (table.count == 0) {
		status = EXIT_SUCCESS;	/* no input, no output */
		goto out;
	}
	switch (table_draw(&table, &grid)) {
	case GRID_OK:
		status = grid_print(&grid, stdout) ? EXIT_FAILURE : EXIT_SUCCESS;
		break;
	case GRID_BAD_SIZE:
		fputs("textgrid: the table is too large\n", stderr);
		break;
	case GRID_NO_MEMORY:
		fputs("textgrid: out of memory\n", stderr);
		break;
	}
out:
	grid_free(&grid);
	table_free(&table);
	if (in != stdin)
		fclose(in);
	return status;
}
