using Gateway.Dashboard.Components;
using Gateway.Dashboard.Hosting;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.Logging;

namespace Gateway.Dashboard.Rendering;

/// <summary>Draws components as HTML. Everything was gathered before, so drawing waits for nothing.</summary>
public sealed class PageRenderer(IServiceProvider services, ILoggerFactory loggers)
{
    /// <summary>A whole document around the content of a page.</summary>
    public Task<string> PageAsync(PageContext page, PageResult result, IReadOnlyList<DashboardPage> navigation) => DrawAsync<PageDocument>(new()
    {
        [nameof(PageDocument.Context)] = page,
        [nameof(PageDocument.Result)] = result,
        [nameof(PageDocument.Navigation)] = navigation,
    });

    /// <summary>A document without navigation, for who is not logged in and for faults.</summary>
    public Task<string> PlainAsync(PlainModel model) => DrawAsync<PlainDocument>(new() { [nameof(PlainDocument.Model)] = model });

    private async Task<string> DrawAsync<TComponent>(Dictionary<string, object?> parameters)
        where TComponent : IComponent
    {
        var renderer = new HtmlRenderer(services, loggers);
        await using (renderer.ConfigureAwait(false))
        {
            return await renderer.Dispatcher.InvokeAsync(async () =>
            {
                var root = await renderer.RenderComponentAsync<TComponent>(ParameterView.FromDictionary(parameters)).ConfigureAwait(true);
                return "<!doctype html>\n" + root.ToHtmlString();
            }).ConfigureAwait(false);
        }
    }
}

/// <summary>What a document without navigation says.</summary>
public sealed record PlainModel
{
    public required string Title { get; init; }

    public string Text { get; init; } = "";

    /// <summary>True for the login.</summary>
    public bool IsLogin { get; init; }

    /// <summary>True when people can log in by OpenID Connect.</summary>
    public bool HasOidc { get; init; }

    /// <summary>What the login's form brings along.</summary>
    public string Token { get; init; } = "";

    /// <summary>Where to go after the login.</summary>
    public string ReturnTo { get; init; } = DashboardPage.Root;

    /// <summary>A link to go on by.</summary>
    public (string Text, string Href)? Link { get; init; }

    public string Theme { get; init; } = "";
}
