using System.Text.Json.Nodes;
using Gateway.Dashboard.Hosting;

namespace Gateway.Dashboard.Pages.Entities;

/// <summary>What a page of entries shows: a list, and the entry that is made or edited in front of it.</summary>
/// <param name="Entity">The kind.</param>
/// <param name="All">The kinds of the page that the reader sees.</param>
/// <param name="List">A page of the list.</param>
/// <param name="One">The entry that was asked for.</param>
/// <param name="History">Its history.</param>
/// <param name="Suggestions">Ids of other kinds that fields name, by segment.</param>
/// <param name="Sent">What became of a form.</param>
/// <param name="Form">The form as it was sent.</param>
/// <param name="Extra">What the page adds.</param>
public sealed record EntitiesModel(
    Entity Entity, IReadOnlyList<Entity> All, ApiAnswer List, ApiAnswer One, ApiAnswer History, IReadOnlyDictionary<string, IReadOnlyList<string>> Suggestions, ApiAnswer Sent, FormFields? Form, ExtraContent? Extra);

/// <summary>What a page of entries shows besides them: a component, and what it draws.</summary>
public sealed record ExtraContent(Type Component, object Model);

/// <summary>A page of entries of one kind or several: listed, made, changed and deleted by the common operations that all have.</summary>
public abstract class EntitiesPage : DashboardPage
{
    /// <summary>The kinds, each a tab.</summary>
    public abstract IReadOnlyList<Entity> Entities { get; }

    public override (string, string)? Needs => (Entities[0].Kind, "list");

    public sealed override Task<PageResult> GetAsync(PageContext page) => ShowAsync(page, ApiAnswer.NotAsked, null);

    public sealed override async Task<PageResult> PostAsync(PageContext page, FormFields form)
    {
        if (Of(page) is not { } entity)
        {
            return PageResult.NotFound;
        }

        var id = page.Query("id");
        var address = $"/{entity.Segment}/{Uri.EscapeDataString(id)}";
        var condition = form["version"].Length > 0 ? new Dictionary<string, string> { ["If-Match"] = $"\"{form["version"]}\"" } : [];
        ApiAnswer sent;
        switch (form.Do)
        {
            case "create":
                sent = await page.SendAsync(HttpMethod.Post, $"/{entity.Segment}", EntityForms.Body(entity, form, isNew: true), form.Once()).ConfigureAwait(false);
                break;
            case "change" when id.Length > 0:
                sent = await page.SendAsync(HttpMethod.Patch, address, EntityForms.Body(entity, form, isNew: false), condition).ConfigureAwait(false);
                break;
            case "json":
                sent = id.Length > 0
                    ? await page.SendAsync(HttpMethod.Put, address, EntityForms.Parsed(form.Raw("json")), condition).ConfigureAwait(false)
                    : await page.SendAsync(HttpMethod.Post, $"/{entity.Segment}", EntityForms.Parsed(form.Raw("json")), form.Once()).ConfigureAwait(false);
                break;
            case "delete" when id.Length > 0:
                sent = await page.SendAsync(HttpMethod.Delete, address).ConfigureAwait(false);
                break;
            case var action when id.Length > 0 && entity.Actions.Any(a => a.Path == action):
                sent = await page.SendAsync(HttpMethod.Post, $"{address}/{action}", new JsonObject()).ConfigureAwait(false);
                return await ShowAsync(page, sent, form).ConfigureAwait(false);
            default:
                return await OtherAsync(page, form).ConfigureAwait(false);
        }

        return sent.Ok
            ? PageResult.Go(page.With(("id", null), ("new", null)), form.Do switch { "create" => $"The {entity.Noun} is made.", "delete" => $"The {entity.Noun} is deleted.", _ => $"The {entity.Noun} is changed." })
            : await ShowAsync(page, sent, form).ConfigureAwait(false);
    }

    /// <summary>What a page adds above its list.</summary>
    /// <param name="page">The request.</param>
    /// <param name="entity">The kind that is shown.</param>
    /// <param name="form">A form of the page's own that was sent; null for none.</param>
    protected virtual Task<ExtraContent?> ExtraAsync(PageContext page, Entity entity, FormFields? form) => Task.FromResult<ExtraContent?>(null);

    /// <summary>Forms of a page's own; drawn again with what became of them unless they lead elsewhere.</summary>
    protected virtual Task<PageResult> OtherAsync(PageContext page, FormFields form) => Task.FromResult(PageResult.NotFound);

    /// <summary>The page again, with a form of its own that was sent.</summary>
    protected Task<PageResult> AgainAsync(PageContext page, FormFields form) => ShowAsync(page, ApiAnswer.NotAsked, form);

    private Entity? Of(PageContext page)
        => page.Query("kind") is { Length: > 0 } name ? Entities.FirstOrDefault(e => e.Segment == name && page.Can(e.Kind, "list")) : Entities.FirstOrDefault(e => page.Can(e.Kind, "list"));

    private async Task<PageResult> ShowAsync(PageContext page, ApiAnswer sent, FormFields? form)
    {
        if (Of(page) is not { } entity)
        {
            return PageResult.NotFound;
        }

        var id = page.Query("id");
        var list = page.GetAsync($"/{entity.Segment}", ("limit", "100"), ("after", page.Query("after")));
        var one = id.Length > 0 ? page.GetIfAsync(entity.Kind, "read", $"/{entity.Segment}/{Uri.EscapeDataString(id)}") : Task.FromResult(ApiAnswer.NotAsked);
        var (kind, action) = entity.HistoryNeeds;
        var history = id.Length > 0 && !entity.HasNoHistory ? page.GetIfAsync(kind, action, $"/{entity.Segment}/{Uri.EscapeDataString(id)}/history", ("limit", "10")) : Task.FromResult(ApiAnswer.NotAsked);
        var suggestions = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (page.Can(entity.Kind, "change") || page.Can(entity.Kind, "create"))
        {
            foreach (var (segment, named) in entity.Fields.Select(f => f.Of).OfType<(string, string)>().Distinct())
            {
                var found = await page.GetIfAsync(named, "list", $"/{segment}", ("limit", "500")).ConfigureAwait(false);
                suggestions[segment] = [.. found.Body["items"].Items.Select(i => i.FirstOf("id", "name").Text)];
            }
        }

        var model = new EntitiesModel(
            entity, [.. Entities.Where(e => page.Can(e.Kind, "list"))], await list.ConfigureAwait(false), await one.ConfigureAwait(false), await history.ConfigureAwait(false), suggestions, sent, form,
            await ExtraAsync(page, entity, form).ConfigureAwait(false));
        return model.One.Status == 404 ? PageResult.NotFound : PageResult.Show<EntitiesView, EntitiesModel>(model, sent.Status == 0 ? 200 : sent.Status);
    }
}
