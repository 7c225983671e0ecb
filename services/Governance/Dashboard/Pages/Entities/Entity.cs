using Gateway.Dashboard.Rendering;

namespace Gateway.Dashboard.Pages.Entities;

/// <summary>How a field of an entry is typed in and becomes JSON.</summary>
public enum FieldForm
{
    /// <summary>A line of text; null when empty.</summary>
    Text = 0,

    /// <summary>A number; null when empty.</summary>
    Number,

    /// <summary>Yes or no.</summary>
    Flag,

    /// <summary>Texts, separated by commas.</summary>
    List,

    /// <summary>Dollars, kept as nano-dollars.</summary>
    Dollars,

    /// <summary>A moment in UTC.</summary>
    Moment,

    /// <summary>A piece of JSON, for what has a form of its own.</summary>
    Json,

    /// <summary>A text that is never given back; left as it is when empty.</summary>
    Secret,
}

/// <summary>One field of the form of an entry.</summary>
/// <param name="Name">Its place in the JSON, with dots between members.</param>
/// <param name="Label">Its name for people.</param>
public sealed record EntityField(string Name, string Label)
{
    public FieldForm Form { get; init; }

    public string Hint { get; init; } = "";

    public string Placeholder { get; init; } = "";

    public bool Required { get; init; }

    /// <summary>A choice of these values.</summary>
    public IReadOnlyList<(string Value, string Text)>? Options { get; init; }

    /// <summary>Suggests the ids of the entries of another kind: its segment, and its kind in the permission table.</summary>
    public (string Segment, string Kind)? Of { get; init; }

    /// <summary>What a new entry has.</summary>
    public string Initial { get; init; } = "";

    /// <summary>True for what only a new entry is asked.</summary>
    public bool OnlyNew { get; init; }

    public int Rows { get; init; }
}

/// <summary>A column of a list.</summary>
/// <param name="Head">Its heading.</param>
/// <param name="Cell">What stands in it.</param>
public sealed record Column(string Head, Func<J, Cell> Cell)
{
    public bool Right { get; init; }
}

/// <summary>What stands in one place of a list: a text, or a figure, or a moment, or a state.</summary>
public sealed record Cell(string Text)
{
    public static implicit operator Cell(string text) => new(text);

    public string Sub { get; init; } = "";

    /// <summary>Makes it a badge of this tone; null for plain text.</summary>
    public string? Tone { get; init; }

    public double? Number { get; init; }

    public string As { get; init; } = "count";

    public DateTimeOffset? Time { get; init; }

    public bool IsTime { get; init; }

    public double? Percent { get; init; }

    public bool Wrap { get; init; }

    public static Cell Usd(J nanos) => new("") { Number = nanos.IsThere ? nanos.Number : null, As = "usd" };

    public static Cell Count(J value) => new("") { Number = value.IsThere ? value.Number : null };

    public static Cell Ago(J time) => new("") { Time = time.Time, IsTime = true };

    public static Cell Enabled(J entry) => new(entry["enabled"].True ? "enabled" : "off") { Tone = entry["enabled"].True ? "good" : "bad" };

    public static Cell Many(J list, string none) => new(list.Count == 0 ? none : string.Join(", ", list.Texts)) { Wrap = list.Count > 3 };
}

/// <summary>A kind of entry of the admin API as the dashboard lists and edits it.</summary>
public sealed record Entity
{
    /// <summary>Its name in the permission table.</summary>
    public required string Kind { get; init; }

    /// <summary>Its segment in addresses of the admin API.</summary>
    public required string Segment { get; init; }

    /// <summary>One of it, for people: "provider".</summary>
    public required string Noun { get; init; }

    /// <summary>Several of it, for people: "Providers".</summary>
    public required string Title { get; init; }

    /// <summary>What it is for, in a sentence.</summary>
    public string About { get; init; } = "";

    public string Icon { get; init; } = "info";

    public string IdField { get; init; } = "id";

    public required IReadOnlyList<Column> Columns { get; init; }

    public required IReadOnlyList<EntityField> Fields { get; init; }

    /// <summary>Further things that can be done with one, each a POST below its address.</summary>
    public IReadOnlyList<EntityAction> Actions { get; init; } = [];

    /// <summary>True for kinds without a history of their own.</summary>
    public bool HasNoHistory { get; init; }

    /// <summary>The row of the permission table that its history needs.</summary>
    public (string Kind, string Action) HistoryNeeds => Kind is "key" or "team" or "customer" or "user" or "budget" ? (Kind, "history") : ("configuration", "read");
}

/// <summary>Something that can be done with an entry.</summary>
/// <param name="Path">Last part of its address.</param>
/// <param name="Text">What the button says.</param>
/// <param name="Action">Action in the permission table.</param>
public sealed record EntityAction(string Path, string Text, string Action);
