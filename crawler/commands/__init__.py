"""Scrapy commands of Kiosque."""
