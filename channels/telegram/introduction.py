"""Tells Telegram about the bot: its commands, its descriptions, and where updates go."""

from telegram import Bot, BotCommand

from channels.telegram.reading import WANTED_UPDATES
from channels.telegram.sending import persist
from editorial.content import Content


async def introduce(bot: Bot, content: Content) -> str:
    """Set menu and descriptions from the content; the bot's user name."""
    texts = content.telegram
    commands = [BotCommand(name, content.fill(text)) for name, text in texts.commands.items()]
    me = await persist(bot.get_me)
    await persist(lambda: bot.set_my_commands(commands))
    await persist(lambda: bot.set_my_description(content.fill(texts.description)))
    await persist(lambda: bot.set_my_short_description(content.fill(texts.short_description)))
    return me.username or ""


async def receive_by_webhook(bot: Bot, url: str, secret: str) -> None:
    """Have updates sent to `url`, each with `secret` in a header."""
    await persist(lambda: bot.set_webhook(url, secret_token=secret, allowed_updates=WANTED_UPDATES))


async def receive_by_polling(bot: Bot) -> None:
    """Have updates kept until they are fetched; Telegram does not do both."""
    await persist(bot.delete_webhook)
