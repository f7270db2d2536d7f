"""The drivers of this process: pools of connections, how they are encrypted and whom they trust."""

import logging
import os
import ssl
import threading
from typing import Any
from urllib.parse import urlsplit

import neo4j
from neo4j.exceptions import DriverError, Neo4jError

from graph_service.errors import InputError
from graph_service.store.bolt.failures import UNREACHED
from graph_service.store.bolt.options import ServerOptions


class Drivers:
    """The drivers of this process, one for a server and a user, while any connection needs it."""

    def __init__(self) -> None:
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._guard = threading.Lock()
        self._held: dict[tuple[str, ServerOptions], tuple[neo4j.Driver, int]] = {}

    def get(self, location: str, options: ServerOptions) -> neo4j.Driver:
        """The driver for a server; to be given back once."""
        with self._guard:
            driver, users = self._held.get((location, options), (None, 0))
            driver = driver or _driver(location, options)
            self._held[location, options] = driver, users + 1
            return driver

    def give_back(self, location: str, options: ServerOptions) -> None:
        """Close the driver where nobody else needs it."""
        with self._guard:
            driver, users = self._held.pop((location, options), (None, 0))
            if driver and users > 1:
                self._held[location, options] = driver, users - 1
                return
        if driver:
            driver.close()


drivers = Drivers()


def _driver(location: str, options: ServerOptions) -> neo4j.Driver:
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)  # every failure comes out as an error
    trust: dict[str, Any] = {}
    if options.ca is not None:
        authorities = neo4j.TrustCustomCAs(str(options.ca))
        trust = {"encrypted": True, "trusted_certificates": authorities}
    return neo4j.GraphDatabase.driver(
        location,
        auth=(options.user, options.password),
        connection_timeout=options.connect_seconds,
        connection_acquisition_timeout=options.connect_seconds,
        max_connection_pool_size=options.pool,
        liveness_check_timeout=60,
        fetch_size=-1,  # all rows in one answer
        bookmark_manager=neo4j.GraphDatabase.bookmark_manager(),
        notifications_min_severity="OFF",
        telemetry_disabled=True,
        **trust,
    )


def answers(location: str, options: ServerOptions) -> bool:
    """Whether a server lets anybody in: asked twice beside the pool, ``connect_seconds`` each, for
    one that is merely busy may miss the first."""
    for _ in range(2):
        with _driver(location, options) as driver:
            try:
                driver.verify_connectivity()
            except (*UNREACHED, OSError):
                continue
            except (Neo4jError, DriverError):
                pass  # that is an answer
            return True
    return False


def check(location: str, options: ServerOptions) -> None:
    """The address and the options go together.

    Raises:
        InputError: the address is none, or holds a user's name; a CA is given for an address with
            ``+s``, or is not there, or no certificate.
    """
    if "@" in location:  # anywhere: a password may hold what ends the name of a host
        raise InputError(
            "图数据库的地址里不能写用户名和密码。",
            hint="地址会出现在日志里；请改用用户名与密码的设置。",
        )
    try:
        parts = urlsplit(location)
        _ = parts.port  # is looked at where it is read
    except ValueError as error:
        raise InputError(
            f"图数据库的地址不能用：{location}",
            hint="地址形如 neo4j://主机:7687（加密用 neo4j+s://）；请核对主机与端口。",
            location=location,
        ) from error
    if options.ca is None:
        return
    if "+" in parts.scheme:
        raise InputError(
            f"自备的证书不能与 {parts.scheme}:// 同用。",
            hint=f"请把地址改为 {parts.scheme.partition('+')[0]}://，连接照样加密，并核对证书。",
            location=location,
        )
    if not options.ca.is_file():
        raise InputError(
            f"没有找到证书文件：{options.ca}", hint="请核对证书文件的路径。", file=options.ca
        )
    try:
        ssl.create_default_context(cafile=str(options.ca))
    except OSError as error:
        raise InputError(
            f"证书文件里没有可用的证书：{options.ca}",
            hint="应是证书机构的证书，PEM 格式（以 -----BEGIN CERTIFICATE----- 开头），且可读。",
            file=options.ca,
        ) from error
