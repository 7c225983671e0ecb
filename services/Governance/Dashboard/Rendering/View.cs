using Gateway.Dashboard.Hosting;
using Microsoft.AspNetCore.Components;

namespace Gateway.Dashboard.Rendering;

/// <summary>Base of everything that wants to know who looks at which page.</summary>
public abstract class PageComponent : ComponentBase
{
    /// <summary>The request that is answered.</summary>
    [CascadingParameter]
    public PageContext Page { get; set; } = null!;
}

/// <summary>Base of the content of a page.</summary>
/// <typeparam name="TModel">What it shows, gathered before it is drawn.</typeparam>
public abstract class View<TModel> : PageComponent
{
    [Parameter]
    [EditorRequired]
    public TModel Model { get; set; } = default!;
}
