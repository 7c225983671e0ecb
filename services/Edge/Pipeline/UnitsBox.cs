using Gateway.Contracts.Usage;

namespace Gateway.Edge.Pipeline;

/// <summary>Units apart from the object that has them: most requests use none, and shall not carry the room for them.</summary>
internal sealed class UnitsBox
{
    private UnitsBox(UsageUnits value) => Value = value;

    public UsageUnits Value { get; }

    /// <summary>Null for none.</summary>
    public static UnitsBox? Of(UsageUnits value) => value == default ? null : new UnitsBox(value);
}
