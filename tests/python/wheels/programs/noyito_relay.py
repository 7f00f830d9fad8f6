"""The two channels of a NOYITO relay with a serial port: 4 bytes switch one, 0xFF asks for both."""


class Relay:
    def __init__(self):
        self.channels = {1: 0, 2: 0}
        self.received = b""

    def answer(self, data):
        self.received += data
        answered = b""
        while self.received:
            if self.received[0] == 0xFF:
                self.received = self.received[1:]
                answered += self.status()
            elif len(self.received) >= 4:
                self.switch(*self.received[:4])
                self.received = self.received[4:]
            else:
                break
        return answered

    def switch(self, head, channel, state, checksum):
        if head == 0xA0 and checksum == (head + channel + state) & 0xFF:
            self.channels[channel] = state

    def status(self):
        words = {0: "OFF", 1: "ON"}
        lines = [f"CH{channel}: {words[state]}\r\n" for channel, state in self.channels.items()]
        return "".join(lines).encode()
