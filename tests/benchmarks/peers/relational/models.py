"""The portfolio as relations."""

from __future__ import annotations

from django.db import models


class Company(models.Model):
    id = models.CharField(max_length=20, primary_key=True)
    name = models.CharField(max_length=200)


class Mailbox(models.Model):
    address = models.CharField(max_length=254, primary_key=True)
    delivery = models.CharField(max_length=20)


class Contact(models.Model):
    """Without rights all three of them are empty."""

    id = models.CharField(max_length=20, primary_key=True)
    company = models.ForeignKey(Company, models.CASCADE, related_name="contacts")
    first_name = models.CharField(max_length=100)
    last_name = models.CharField(max_length=100)
    email = models.CharField(max_length=254)
    mailbox = models.ForeignKey(Mailbox, models.PROTECT, null=True, related_name="contacts")
    role = models.CharField(max_length=100)
    active = models.BooleanField()
    main = models.BooleanField()
    readings = models.BooleanField(null=True)
    machines = models.BooleanField(null=True)
    service_orders = models.CharField(max_length=20, null=True)


class Claim(models.Model):
    """Which contact of a company may use an address."""

    mailbox = models.ForeignKey(Mailbox, models.CASCADE, related_name="claims")
    company = models.ForeignKey(Company, models.CASCADE)
    contact = models.ForeignKey(Contact, models.CASCADE)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("mailbox", "company"), name="one_each"),)


class Contract(models.Model):
    id = models.CharField(max_length=20, primary_key=True)
    company = models.ForeignKey(Company, models.CASCADE, related_name="contracts")
    name = models.CharField(max_length=200)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    next_billing_on = models.DateField(null=True)
    reading_channel = models.CharField(max_length=20)
    reporters = models.ManyToManyField(Contact)


class Result(models.Model):
    """What Portal Ready says of a contract."""

    contract = models.ForeignKey(Contract, models.CASCADE)
    ready = models.BooleanField()
    reasons = models.JSONField()


class JournalEntry(models.Model):
    at = models.DateTimeField()
    who = models.CharField(max_length=50)
    action = models.CharField(max_length=50)
    about = models.CharField(max_length=50)


class Machine(models.Model):
    id = models.CharField(max_length=20, primary_key=True)
    company = models.ForeignKey(Company, models.CASCADE)
    contract = models.ForeignKey(Contract, models.CASCADE)
    serial = models.CharField(max_length=50)
    model = models.CharField(max_length=100)
    due_on = models.DateField(null=True)
    version = models.IntegerField()


class Meter(models.Model):
    machine = models.ForeignKey(Machine, models.CASCADE, related_name="meters")
    number = models.CharField(max_length=20)
    label = models.CharField(max_length=100)
    kind = models.CharField(max_length=20)
    digits = models.IntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("machine", "number"), name="one_number"),)


class Effective(models.Model):
    meter = models.ForeignKey(Meter, models.CASCADE, related_name="history")
    read_on = models.DateField()
    value = models.IntegerField()
    billed = models.BooleanField()

    class Meta:
        ordering = ("read_on",)


class Reading(models.Model):
    meter = models.ForeignKey(Meter, models.CASCADE, related_name="readings")
    due_on = models.DateField()
    value = models.IntegerField()
    read_on = models.DateField()
    state = models.CharField(max_length=20)
    verdict = models.CharField(max_length=20)
    reported_by = models.CharField(max_length=50)
    reported_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=50)
    released_at = models.DateTimeField(null=True)


class ReportLine(models.Model):
    """What a release says of a reading."""

    machine = models.ForeignKey(Machine, models.CASCADE)
    meter = models.CharField(max_length=20)
    outcome = models.CharField(max_length=20)
    code = models.CharField(max_length=50, null=True)
    value = models.IntegerField(null=True)
    findings = models.JSONField()


class HistoryEntry(models.Model):
    machine = models.ForeignKey(Machine, models.CASCADE)
    version = models.IntegerField()
    event = models.CharField(max_length=20)
    at = models.DateTimeField()
    who = models.CharField(max_length=50)
    entries = models.JSONField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("machine", "version"), name="one_version"),)


class Waiting(models.Model):
    """A released reading that no export has taken yet."""

    reading = models.OneToOneField(Reading, models.CASCADE)
