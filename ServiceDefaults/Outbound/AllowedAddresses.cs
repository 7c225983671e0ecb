namespace Gateway.ServiceDefaults.Outbound;

/// <summary>Which addresses may be called where a person or a document says what is called.</summary>
public enum AllowedAddresses
{
    /// <summary>All but link-local and metadata addresses and "this network" (0.0.0.0/8).</summary>
    Ordinary,

    /// <summary>Link-local ones too; metadata addresses of clouds, which give away the machine's own identity, and "this network" are refused all the same.</summary>
    LinkLocal,

    /// <summary>Every address: for what is meant to ask the machine's own identity.</summary>
    Any,
}
