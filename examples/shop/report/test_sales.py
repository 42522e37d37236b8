import unittest

from sales import Sale, best_sellers, read_sales, revenue_by_article

SALES = [Sale("mug", 2, 900), Sale("tea", 5, 450), Sale("mug", 1, 900)]


class SalesReport(unittest.TestCase):
    def test_reads_rows_below_the_header(self):
        rows = read_sales(["sku,quantity,cents", "mug,2,900"])
        self.assertEqual(rows, [Sale("mug", 2, 900)])

    def test_sums_revenue_by_article(self):
        self.assertEqual(revenue_by_article(SALES), {"mug": 2700, "tea": 2250})

    def test_best_sellers_come_first(self):
        self.assertEqual(best_sellers(SALES, 1), ["mug"])


if __name__ == "__main__":
    unittest.main()
