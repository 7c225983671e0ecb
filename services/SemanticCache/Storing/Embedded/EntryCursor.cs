using System.Globalization;

namespace Gateway.SemanticCache.Storing.Embedded;

/// <summary>Where a page ended: entries come newest first.</summary>
internal readonly record struct EntryCursor(long StoredAt, Guid Id)
{
    public bool IsBefore(long storedAt, Guid id) => storedAt < StoredAt || (storedAt == StoredAt && id.CompareTo(Id) > 0);

    public static EntryCursor? Parse(string? text)
        => text?.Split('.') is [var time, var id] && long.TryParse(time, CultureInfo.InvariantCulture, out var at) && Guid.TryParse(id, out var guid)
            ? new EntryCursor(at, guid) : null;

    public override string ToString() => FormattableString.Invariant($"{StoredAt}.{Id}");
}
