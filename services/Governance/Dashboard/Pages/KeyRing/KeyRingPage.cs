using Gateway.Dashboard.Hosting;

namespace Gateway.Dashboard.Pages.KeyRing;

/// <summary>The key ring.</summary>
/// <param name="Ring">The keys, without themselves.</param>
/// <param name="Status">Secrets that cannot be read, among other faults.</param>
/// <param name="Sent">What became of a form.</param>
public sealed record KeyRingModel(ApiAnswer Ring, ApiAnswer Status, ApiAnswer Sent);

/// <summary>The keys that stored secrets are sealed by.</summary>
public sealed class KeyRingPage : DashboardPage
{
    public override string Pattern => "keyring";

    public override string Title => "Key ring";

    public override NavGroup Group => NavGroup.Gateway;

    public override string Icon => "ring";

    public override (string, string)? Needs => ("keyring", "read");

    public override Task<PageResult> GetAsync(PageContext page) => ShowAsync(page, ApiAnswer.NotAsked);

    public override async Task<PageResult> PostAsync(PageContext page, FormFields form)
    {
        var (sent, done) = form.Do switch
        {
            "rotate" => (await page.SendAsync(HttpMethod.Post, "/keyring/rotate", null, form.Once()).ConfigureAwait(false), "A new key seals from now on. What older keys sealed is sealed anew in the background."),
            "retire" => (await page.SendAsync(HttpMethod.Delete, "/keyring/" + Uri.EscapeDataString(form["key"])).ConfigureAwait(false), "The key is taken out of the ring."),
            _ => (ApiAnswer.NotAsked, ""),
        };
        return sent.Status == 0 ? PageResult.NotFound : sent.Ok ? PageResult.Go(page.With(), done) : await ShowAsync(page, sent).ConfigureAwait(false);
    }

    private static async Task<PageResult> ShowAsync(PageContext page, ApiAnswer sent)
    {
        var ring = page.GetAsync("/keyring");
        var status = page.GetIfAsync("status", "read", "/status");
        return PageResult.Show<KeyRingView, KeyRingModel>(new KeyRingModel(await ring.ConfigureAwait(false), await status.ConfigureAwait(false), sent), sent.Status == 0 ? 200 : sent.Status);
    }
}
