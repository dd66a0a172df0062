"""A generated client that drives a running device registry; the first argument is the address of its entry point."""

import sys
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from registry import Client
from registry.api.device import create_device, list_devices, patch_device, read_device
from registry.api.device_state import ring_device_state, transition_device_state
from registry.api.device_type import create_device_type
from registry.models import (
    ApiError,
    ApiErrorInfoReason,
    ApiNothing,
    Device,
    DeviceCreate,
    DeviceOrNothingResponse,
    DevicePatch,
    DeviceStateResponse,
    DeviceTypeCreate,
    Mode,
    TransitionTargetInput,
)
from registry.types import UNSET

KIND = "python-client"

client = Client(base_url=sys.argv[1])


def create() -> list[UUID]:
    """A device type and five devices; the first one is sent twice."""
    # book: create
    kind = create_device_type.sync_detailed(
        client=client,
        body=DeviceTypeCreate(id="python-client", display_name="Made by a client"),
    )
    # book: end
    assert kind.status_code == 201, kind
    devices = [created(number).id for number in range(1, 6)]
    assert created(1).id == devices[0], "a request id makes one device, however often it is sent"
    print(f"created {KIND} with {len(devices)} devices")
    return devices


def created(number: int) -> Device:
    # book: retry
    for _ in range(3):
        answer = create_device.sync(
            "python-client",
            client=client,
            request_id=f"python-client-device-{number}",
            body=DeviceCreate(
                display_name=f"Device {number}",
                owner="amira",
                serial_number=f"PC-{number:04}",
            ),
        )
        if not isinstance(answer, ApiError) or not answer.status.additional_info.retry:
            break
    # book: end
    assert isinstance(answer, DeviceOrNothingResponse), answer
    assert isinstance(answer.data.values, Device), answer
    return answer.data.values


def pages(devices: list[UUID]) -> None:
    # book: pages
    seen: list[list[Device]] = []
    cursor = None
    while True:
        page = list_devices.sync("python-client", client=client, limit=2, cursor=cursor or UNSET)
        if page is None or isinstance(page, ApiError):
            raise RuntimeError(page)
        seen.append(page.data.values)
        if not page.data.meta.cursor_next_link:
            break
        [cursor] = parse_qs(urlsplit(page.data.meta.cursor_next_link).query)["$cursor"]
    # book: end
    assert [len(page) for page in seen] == [2, 2, 1]
    ids = [device.id for page in seen for device in page]
    assert sorted(ids) == sorted(devices)
    print(f"listed {len(ids)} devices on {len(seen)} pages")


def update(device_id: UUID) -> None:
    # book: update
    device = read_device.sync("python-client", device_id, client=client)
    if device is None or isinstance(device, ApiError):
        raise RuntimeError(device)
    etag = device.data.values.etag
    louder = patch_device.sync_detailed(
        "python-client",
        device_id,
        client=client,
        if_match=etag,
        body=DevicePatch(volume=9),
    )
    # book: end
    assert louder.parsed is not None and not isinstance(louder.parsed, ApiError), louder
    assert louder.parsed.data.values.volume == 9
    assert louder.parsed.data.values.etag != etag
    stale = patch_device.sync_detailed(
        KIND, device_id, client=client, if_match=etag, body=DevicePatch(volume=1)
    )
    assert stale.status_code == 412
    assert isinstance(stale.parsed, ApiError)
    assert stale.parsed.status.additional_info.reason == ApiErrorInfoReason.PRECONDITIONFAILED
    print("updated with If-Match, and was refused with the old tag")


def custom_methods(device_id: UUID) -> None:
    early = ring_device_state.sync_detailed(KIND, device_id, client=client)
    assert early.status_code == 409
    assert isinstance(early.parsed, ApiError)
    assert early.parsed.status.additional_info.reason == ApiErrorInfoReason.FAILEDPRECONDITION
    # book: custom
    state = transition_device_state.sync(
        "python-client", device_id, client=client, body=TransitionTargetInput(to=Mode.ON)
    )
    # book: end
    assert isinstance(state, DeviceStateResponse), state
    assert state.data.values.mode == Mode.ON
    state = ring_device_state.sync(KIND, device_id, client=client)
    assert isinstance(state, DeviceStateResponse), state
    assert state.data.values.mode == Mode.RING
    print("switched a device on and let it ring")


def refusal() -> None:
    # book: refusal
    answer = create_device.sync(
        "python-client",
        client=client,
        body=DeviceCreate(
            display_name="Too loud", owner="amira", serial_number="PC-9999", volume=11
        ),
    )
    if isinstance(answer, ApiError):
        info = answer.status.additional_info
        print(f"{info.reason}: {answer.status.description}")
        for fault in info.errors:
            print(f"  {fault.pointer}: {fault.detail}")
    # book: end
    assert isinstance(answer, ApiError), answer
    assert answer.status.code == 422
    assert info.reason == ApiErrorInfoReason.INVALIDVALUE
    assert [fault.pointer for fault in info.errors] == ["/volume"]


def dry_run(before: int) -> None:
    planned = create_device.sync(
        KIND,
        client=client,
        validate=True,
        body=DeviceCreate(display_name="Planned", owner="amira", serial_number="PC-1000"),
    )
    assert isinstance(planned, DeviceOrNothingResponse), planned
    assert isinstance(planned.data.values, ApiNothing), planned
    assert planned.data.meta.validated is True
    assert planned.data.meta.preview and planned.data.meta.preview["displayName"] == "Planned"
    page = list_devices.sync(KIND, client=client, limit=0)
    assert page is not None and not isinstance(page, ApiError), page
    assert page.data.meta.total_count == before
    print("planned a device, and made none")


devices = create()
pages(devices)
update(devices[0])
custom_methods(devices[0])
refusal()
dry_run(len(devices))
