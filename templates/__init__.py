"""Notice templates: Kakao's ``#{name}`` grammar, limits, rendering, SMS text rules, plans."""
