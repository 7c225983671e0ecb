namespace Gateway.Guardrails.Engine.Pii;

/// <summary>What words near a number say that it is.</summary>
[Flags]
internal enum Cue : ulong
{
    None = 0,
    Phone = 1UL << 0,
    Card = 1UL << 1,
    Ssn = 1UL << 2,
    Bank = 1UL << 3,
    Passport = 1UL << 4,
    Licence = 1UL << 5,
    Medical = 1UL << 6,
    Insurance = 1UL << 7,
    Birth = 1UL << 8,
    Address = 1UL << 9,
    Zip = 1UL << 10,

    /// <summary>An identity or tax number of any country.</summary>
    Identity = 1UL << 11,
    Name = 1UL << 12,
    PlaceBefore = 1UL << 13,
    PersonBefore = 1UL << 14,
    OrganizationBefore = 1UL << 15,
    Swift = 1UL << 16,
    Crypto = 1UL << 17,
    Date = 1UL << 18,
    PersonAfter = 1UL << 19,
    NotPhone = 1UL << 20,
    AddressBefore = 1UL << 21,
    OrganizationAfter = 1UL << 22,
}
