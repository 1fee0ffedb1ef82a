import FrontEnds

AthenaLite.start()
