"""A scene before a camera at 30 Hz, with a clock of its own."""

from narcissus.core.types import Frame


class LivingWall:
    """Has `scene`, `finder`, `image` and `now`, and the list `pictures` of all that was drawn."""

    def live(self, seconds, faces=(), camera=True, cut=False):
        """Let it run before these faces; without a camera nothing new is seen. The last picture."""
        self.finder.faces = list(faces)
        for _ in range(round(seconds * 30)):
            if camera:
                self.seen = self.scene.observe(Frame(self.image, self.now, cut))
                cut = False
            self.pictures.append(self.scene.draw(self.seen, self.now))
            self.now += 1 / 30
        return self.pictures[-1]
