"""Small files of every kind a conversation may hold, and of those it may not."""

from tests.photos import jpeg, png

GIF = b"GIF89a\x02\x00\x03\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00;"
PDF = b"%PDF-1.7\n%%EOF\n"
ZIP = b"PK\x03\x04" + bytes(26)
MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(12)
MOV = b"\x00\x00\x00\x14ftypqt  " + bytes(8)
M4A = b"\x00\x00\x00\x18ftypM4A " + bytes(12)
HEIC = b"\x00\x00\x00\x18ftypheic" + bytes(12)
MP3 = b"\xff\xfb\x90\x64" + bytes(100)
TAGGED = b"ID3\x04\x00" + bytes(100)
DOC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100)
HARMLESS = {
    "jpeg": (jpeg(), "image/jpeg"),
    "png": (png(), "image/png"),
    "gif": (GIF, "image/gif"),
    "pdf": (PDF, "application/pdf"),
    "zip": (ZIP, "application/zip"),
    "mp4": (MP4, "video/mp4"),
    "mov": (MOV, "video/quicktime"),
    "m4a": (M4A, "audio/mp4"),
    "heic": (HEIC, "application/octet-stream"),
    "mp3": (MP3, "audio/mpeg"),
    "mp3 with a tag": (TAGGED, "audio/mpeg"),
    "doc": (DOC, "application/octet-stream"),
    "text": ("주문 내역".encode(), "application/octet-stream"),
}
RUNS = {
    "html": b"<!doctype html><script>alert(1)</script>",
    "html after spaces": b"\n\t \x0c<html>",
    "html after a mark": b"\xef\xbb\xbf<html>",
    "html in wide letters": "\ufeff <html>".encode("utf-16-le"),
    "html in wide letters, the other way": "\ufeff <html>".encode("utf-16-be"),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "xml": b'<?xml version="1.0"?><svg/>',
    "windows": b"MZ\x90\x00",
    "linux": b"\x7fELF\x02\x01\x01",
    "mac": b"\xcf\xfa\xed\xfe\x07",
    "script": b"#!/bin/sh\nrm -rf /\n",
}
