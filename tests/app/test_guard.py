"""The guarded client reaches public addresses only, and only the one that was judged."""

from collections.abc import AsyncIterator, Sequence

import pytest

from app import guard
from app.config import Settings
from app.guard import Guard, NoAnswer, Refused, is_public
from tests.consumer import Consumer, serving, status

# every way we know to write this machine in an address; the system's resolver reads them
TEXTS = [
    *("127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "127.0.0.2", "127.8.8.8"),
    *("0x7f.1", "0x7f000001", "0x7F.0x0.0x0.0x1", "0x7f.0.0.1", "0X7F.1", "0x7f.0x1", "0x7f.0.1"),
    *("2130706433", "2130706434", "017700000001", "0177.1", "0177.0.0.1", "0177.0.0.01"),
    *("00000177.0.0.1", "0177.0x0.0.1", "127.000.000.001", "127.0x1", "127.00.1", "0177.0x1"),
    *("0", "0.0.0.0", "0.0", "0x0", "00", "0.0.0", "0x00000000", "0000000000"),
    *("localhost", "LOCALHOST", "LocalHost", "localhost."),
    *("[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[0::1]", "[::0001]", "[0000::0001]"),
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::FFFF:7F00:0001]", "[0:0:0:0:0:ffff:127.0.0.1]"),
    *("[::127.0.0.1]", "[::7f00:1]", "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]"),
    *("[2002:7f00:1::]", "[2002:7f00:1::1]", "[2001:0:4136:e378:8000:63bf:80ff:fffe]"),
    *("[::ffff:0.0.0.0]", "[::ffff:0:127.0.0.1]", "[fe80::5efe:127.0.0.1]", "[ff02::1]"),
    *("10.0.0.1", "10.1", "0xa.1", "167772161", "192.168.0.1", "192.168.1", "3232235521"),
    *("172.16.0.1", "172.31.255.255", "169.254.169.254", "0xa9fea9fe", "2852039166"),
    *("100.64.0.1", "100.127.255.255", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.0.1"),
]
# what a name may be made to resolve to
ADDRESSES = [
    *("127.0.0.1", "127.0.0.53", "127.255.255.255", "0.0.0.0", "0.1.2.3", "10.0.0.1"),
    *("10.255.255.255", "100.64.0.0", "100.64.0.1", "100.100.100.200", "100.127.255.255"),
    *("169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.17.0.1"),
    *("172.31.255.255", "192.0.0.1", "192.0.0.8", "192.0.0.170", "192.0.2.1", "192.88.99.1"),
    *("192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.1"),
    *("203.0.113.1", "224.0.0.1", "224.0.0.251", "233.252.0.1", "239.255.255.255", "240.0.0.1"),
    *("250.1.2.3", "255.255.255.255"),
    *("::", "::1", "::2", "::7f00:1", "::127.0.0.1", "::10.0.0.1", "::8.8.8.8"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0.0.0.0"),
    *("::ffff:100.64.0.1", "::ffff:224.0.0.1", "::ffff:192.168.1.1", "::ffff:0:8.8.8.8"),
    *("64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::6440:1"),
    *("64:ff9b::e000:1", "64:ff9b:1::8.8.8.8", "64:ff9b:1::7f00:1", "100::1", "100:0:0:1::1"),
    *("2001::1", "2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:0:808:808::", "2001:2::1"),
    *("2001:db8::1", "2001:10::1", "2001:1::3", "3fff::1", "3fff:fff::1"),
    *("2002:7f00:1::", "2002:7f00:1::1", "2002:a00:1::1", "2002:a9fe:a9fe::1", "2002:6440:1::"),
    *("2002:e000:1::", "2002:c0a8:101::1", "2002:ac10:1::1"),
    *("2606:4700::5efe:7f00:1", "2606:4700::200:5efe:a00:1", "2606:4700::5efe:a9fe:a9fe"),
    *("4000::1", "5f00::1", "8000::1", "fc00::1", "fd00::1", "fd00:ec2::254", "fdff::1"),
    *("fe80::1", "fe80::1%lo", "fe80::5efe:127.0.0.1", "febf::1", "fec0::1", "feff::1"),
    *("ff00::1", "ff01::1", "ff02::1", "ff05::2", "ff0e::1", "ff02::fb"),
    *("2606:4700::1%eth0", "1.2.3", "not an address", ""),
]
PUBLIC = [
    *("1.1.1.1", "8.8.8.8", "93.184.215.14", "223.130.195.95", "100.63.255.255", "100.128.0.1"),
    *("172.15.0.1", "172.32.0.1", "2606:4700::1111", "2001:4860:4860::8888", "240e::1"),
    *("64:ff9b::808:808", "::ffff:8.8.8.8", "2002:808:808::1", "2606:4700::5efe:808:808"),
]
ODD = [
    *(
        "http://shop.example/",
        "ftp://shop.example/",
        "file:///etc/passwd",
        "gopher://shop.example/",
    ),
    *("//shop.example/", "shop.example", "https:shop.example", "https:///hook", "https://", ""),
    *("https://user@shop.example/", "https://user:secret@shop.example/", "https://@shop.example/"),
    *(
        "https://:@shop.example/",
        "https://shop.example@127.0.0.1/",
        "https://127.0.0.1#@shop.example",
    ),
    *("https://shop.example/#part", "https://shop.example/#", "https://shop.example\\@127.0.0.1/"),
    *("https:\\\\shop.example/", "https://shop.example\\.127.0.0.1/", "https://shop example/"),
    *("https://shop.example/a b", "https://shop.example/\r\nHost: x", "https://shop.example/\x00"),
    *("https://shop.example:22/", "https://shop.example:80/", "https://shop.example:6379/"),
    *("https://shop.example:8000/", "https://shop.example:0/", "https://shop.example:99999/"),
    *("https://shop.example:-1/", "https://shop.example:x/", "https://[::1/", "https://[v1.a]/"),
    *("https://shop.example/" + "a" * 2000, "https://" + "a" * 300 + ".example./\n"),
    *(" https://shop.example/", "https://shop.example/ ", "javascript:alert(1)", "https://%00/"),
]


@pytest.fixture
async def listener() -> AsyncIterator[Consumer]:
    """It would hear whatever reaches this machine, by whichever address."""
    async with serving(Consumer(), host="0.0.0.0") as consumer:
        yield consumer


def made(*, local: bool = False, total_s: float = 5.0, shop: str = "") -> Guard:
    """A guard for which every name leads to ``shop``; without it the system is asked."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return shop.split()

    settings = Settings(env="development", webhook_allow_local=local)
    return Guard(settings, resolve=resolve if shop else None, total_s=total_s)


def test_there_are_enough_forms() -> None:
    assert len(set(TEXTS)) + len(set(ADDRESSES)) + len(set(ODD)) >= 200


async def test_no_text_reaches_this_machine_or_its_networks(
    listener: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G13: the port is open to the guard, so only the judgement of the address stands between."""
    monkeypatch.setattr(guard, "PORTS", (listener.port,))
    async with made() as client:
        for text in TEXTS:
            with pytest.raises(Refused):
                await client.post(f"https://{text}:{listener.port}/hook", b"{}", {})
    assert listener.connections == 0


async def test_no_name_leads_to_an_inner_address(
    listener: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "PORTS", (listener.port,))
    answer: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        return answer

    async with Guard(Settings(), resolve=resolve) as client:
        for address in ADDRESSES:
            assert not is_public(address), address
            for others in ([], ["8.8.8.8"]):  # one bad address spoils the name
                answer[:] = [*others, address]
                with pytest.raises(Refused, match=r"^The name does not lead") as refused:
                    await client.post(listener.url("shop.example", "https"), b"{}", {})
                assert refused.value.code == "no_public_address"
    assert listener.connections == 0


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("url", ODD)
async def test_odd_addresses_are_refused(url: str) -> None:
    async with made(shop="8.8.8.8") as client:
        with pytest.raises(Refused) as refused:
            await client.check(url)
    assert refused.value.code == "bad_url"


@pytest.mark.parametrize(
    "url",
    ["https://shop.example", "https://shop.example:8443/a?b=c", "https://가게.example/훅"],
)
async def test_plain_addresses_are_accepted(url: str) -> None:
    async with made(shop="8.8.8.8") as client:
        await client.check(url)


@pytest.mark.parametrize(
    ("env", "allowed", "reaches"),
    [
        ("development", True, 1),
        ("development", False, 0),
        ("production", True, 0),
        ("production", False, 0),
    ],
)
async def test_this_machine_only_in_development_and_when_asked_for(
    listener: Consumer, env: str, allowed: bool, reaches: int
) -> None:
    settings = Settings.model_validate({"env": env, "webhook_allow_local": allowed})
    async with Guard(settings) as client:
        if reaches:
            assert (await client.post(listener.url(), b"{}", {})).status == 200
            with pytest.raises(Refused):
                await client.post("http://10.0.0.1/", b"{}", {})
        else:
            with pytest.raises(Refused):
                await client.post(listener.url(), b"{}", {})
    assert listener.connections == reaches


async def test_a_name_that_changes_its_mind_is_judged_at_each_use(
    listener: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: public when it was saved, this machine when it is used. Asked once per use."""
    monkeypatch.setattr(guard, "PORTS", (listener.port,))
    answers = [["8.8.8.8"], ["127.0.0.1"], ["8.8.8.8"]]
    asked: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    async with Guard(Settings(), resolve=resolve) as client:
        await client.check(listener.url("shop.example", "https"))
        with pytest.raises(Refused):
            await client.post(listener.url("shop.example", "https"), b"{}", {})
    assert (asked, listener.connections) == (["shop.example"] * 2, 0)


async def test_the_connection_goes_to_the_judged_address(listener: Consumer) -> None:
    """Nothing but our resolver knows the name, and the server hears the name."""
    async with made(local=True, shop="127.0.0.1") as client:
        reply = await client.post(listener.url("shop.example"), b"{}", {"webhook-id": "a"})
    assert (reply.status, reply.body, reply.whole) == (200, b"ok", True)
    (heard,) = listener.heard
    assert heard.line == "POST /hook HTTP/1.1"
    assert heard.headers["host"] == f"shop.example:{listener.port}"
    assert "cookie" not in heard.headers


async def test_another_address_of_the_name_is_tried_when_one_refuses(listener: Consumer) -> None:
    async with made(local=True, shop="::1 127.0.0.1") as client:  # it listens on IPv4 only
        assert (await client.post(listener.url("shop.example"), b"", {})).status == 200


async def test_redirects_are_answers(listener: Consumer) -> None:
    """W02: and are not followed."""
    listener.answer = lambda heard: status(307, f"Location: {listener.url()}/elsewhere")
    async with made(local=True, shop="127.0.0.1") as client:
        assert (await client.post(listener.url("shop.example"), b"", {})).status == 307
    assert listener.connections == 1


async def test_a_proxy_of_the_environment_is_not_used(
    listener: Consumer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(Consumer()) as proxy:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
            monkeypatch.setenv(name, proxy.url())
        async with made(local=True, shop="127.0.0.1") as client:
            await client.post(listener.url("shop.example"), b"", {})
        assert (proxy.connections, listener.connections) == (0, 1)


async def test_an_endless_answer_is_cut(listener: Consumer) -> None:
    """W02: read up to a limit, in bounded memory."""
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n" + b"a" * 9_000_000
    listener.answer = lambda heard: large
    async with made(local=True, shop="127.0.0.1") as client:
        reply = await client.post(listener.url("shop.example"), b"", {})
    assert (reply.status, len(reply.body), reply.whole) == (200, guard.LARGEST_ANSWER, False)


@pytest.mark.parametrize(
    ("answer", "hangs_s", "code"),
    [(b"", 5.0, "timeout"), (b"", 0.0, "cut"), (b"HTTP/9 nonsense\r\n\r\n", 0.0, "cut")],
)
async def test_no_answer(listener: Consumer, answer: bytes, hangs_s: float, code: str) -> None:
    """W02: cut at the deadline."""
    listener.answer, listener.hangs_s = (lambda heard: answer), hangs_s
    async with made(local=True, total_s=0.5, shop="127.0.0.1") as client:
        with pytest.raises(NoAnswer) as no:
            await client.post(listener.url("shop.example"), b"", {})
    assert no.value.code == code
    listener.hangs_s = 0.0


async def test_nobody_there() -> None:
    async with serving(Consumer()) as consumer:
        url = consumer.url("shop.example")
    async with made(local=True, shop="127.0.0.1") as client:
        with pytest.raises(NoAnswer) as no:
            await client.post(url, b"", {})
    assert no.value.code == "connect"


def test_an_answer_s_body_is_not_shown() -> None:
    assert "secret" not in repr(guard.Reply(200, b"secret", True, ""))
