"""Before there is an account: the welcome with the first sign-in, and the moment of starting."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from bridge_gui.ui import icons
from bridge_gui.ui.widgets import button, label, row

translate = QCoreApplication.translate


STEPS_WIDTH = 360


class WelcomePage(QWidget):
    sign_in = Signal()
    demo = Signal()

    def __init__(self) -> None:
        super().__init__()
        picture = QLabel()
        picture.setPixmap(icons.app_icon().pixmap(72, 72))
        title = label(translate("window", "Your Proton mail in any mail program"), "title", wrap=True)
        text = label(
            translate(
                "window",
                "Bridge Manager runs in the background, decrypts your mail on this computer and hands it to the "
                "mail programs that you allow.",
            ),
            "quiet",
            wrap=True,
        )
        steps = QGridLayout()
        steps.setHorizontalSpacing(8)
        steps.setVerticalSpacing(4)
        steps.setColumnStretch(1, 1)
        for number, step in enumerate(
            (
                translate("window", "Sign in to Proton."),
                translate("window", "Add your mail program. It gets a password of its own."),
                translate("window", "Read and write there, as always."),
            )
        ):
            steps.addWidget(label(f"{number + 1}."), number, 0, Qt.AlignmentFlag.AlignTop)
            steps.addWidget(label(step, wrap=True), number, 1)
        middle = QWidget()
        middle.setLayout(steps)
        middle.setFixedWidth(STEPS_WIDTH)
        self.first_sign_in = button(translate("window", "Sign in to Proton"), self.sign_in.emit, "primary")
        self.try_demo = button(translate("window", "Try it with a demonstration account"), self.demo.emit, "link")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(48, 32, 48, 32)
        layout.setSpacing(14)
        layout.addStretch(1)
        layout.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        for widget in (title, text):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            layout.addWidget(widget)
        layout.addLayout(row(1, middle, 1))
        layout.addSpacing(4)
        layout.addWidget(self.first_sign_in, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self.try_demo, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(2)


class StartingPage(QWidget):
    """Shown for the moment until the core is up."""

    def __init__(self) -> None:
        super().__init__()
        wait = QProgressBar()
        wait.setRange(0, 0)
        wait.setTextVisible(False)
        wait.setFixedWidth(200)
        wait.setAccessibleName(translate("window", "Starting"))
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(label(translate("window", "Starting…"), "quiet"), 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(wait, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
