namespace Gateway.Dashboard.Pages.Requests;

/// <summary>A part of a request, or of a trace, as a bar.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Note">More about it.</param>
/// <param name="Start">When it began, in microseconds.</param>
/// <param name="Length">How long it took, in microseconds.</param>
/// <param name="Tone">Class of its colour.</param>
/// <param name="Level">1 for a part of the one before.</param>
/// <param name="Href">Where more is told of it.</param>
public sealed record TimelinePart(string Name, string Note, double Start, double Length, string Tone, int Level = 0, string? Href = null);
