"""The guide on Telegram: webhook or long polling, with a durable inbox in the operator's store."""
