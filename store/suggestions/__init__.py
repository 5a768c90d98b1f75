"""The typo doctor: which address was probably meant, and why. Pure: no database, no clock, nothing is looked up.

:mod:`store.suggestions.spelling` repairs what is no address at all, :mod:`store.suggestions.domains` finds the domain a
slip of the finger stands for, :mod:`store.suggestions.people` knows how names become local parts, and
:mod:`store.suggestions.doctor` weighs all of it. What the store knows is gathered by :mod:`store.queries.suggestions`.
"""
