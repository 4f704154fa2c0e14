"""The crawler: sources, discovery, fetching and extraction of news, built on Scrapy."""
