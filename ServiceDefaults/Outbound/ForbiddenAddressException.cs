namespace Gateway.ServiceDefaults.Outbound;

/// <summary>A host resolves to nothing but addresses that must not be called.</summary>
/// <param name="host">The host.</param>
public sealed class ForbiddenAddressException(string host) : IOException($"'{host}' resolves to nothing but link-local or metadata addresses, which are not called.");
