using Gateway.Dashboard.Rendering;

namespace Gateway.Dashboard.Hosting;

/// <summary>What a page answers.</summary>
public sealed record PageResult
{
    public static PageResult NotFound { get; } = new() { Status = 404 };

    public int Status { get; init; } = 200;

    /// <summary>The component with the page's content, a <see cref="View{TModel}"/>.</summary>
    public Type? Component { get; init; }

    /// <summary>What it shows.</summary>
    public object? Model { get; init; }

    /// <summary>Where to go instead.</summary>
    public string? Location { get; init; }

    /// <summary>Heading instead of the page's own, for a page of one thing.</summary>
    public string? Title { get; init; }

    public static PageResult Show<TView, TModel>(TModel model, int status = 200, string? title = null)
        where TView : View<TModel>
        => new() { Component = typeof(TView), Model = model, Status = status, Title = title };

    /// <summary>Goes to a page, with a word about what was done.</summary>
    public static PageResult Go(string location, string? done = null)
        => new() { Location = done is null ? location : location + (location.Contains('?', StringComparison.Ordinal) ? '&' : '?') + "done=" + Uri.EscapeDataString(done) };
}
