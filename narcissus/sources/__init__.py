"""Where frames come from: a camera, a video, photos, or an imaginary viewer. The one door to cameras and films."""

from narcissus.sources.camera import CameraSource
from narcissus.sources.devices import VideoDevice, list_cameras
from narcissus.sources.opening import open_source

__all__ = ["CameraSource", "VideoDevice", "list_cameras", "open_source"]
